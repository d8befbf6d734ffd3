import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readPostmasterPid } from '@matriarch/postgres';
import { createWorld, dropPrivileges, type ManagerProcess, usePostgres, type World } from './world.ts';

dropPrivileges();
usePostgres();

interface StatusAnswer {
  isPrimary: boolean;
  isWalReceiverActive: boolean;
  mightBeUnavailable: boolean;
  timeLineID: number;
  currentLsn: string;
  replayLsn: string;
}

async function statusOf(world: World, manager: ManagerProcess): Promise<StatusAnswer | undefined> {
  const answer = await world.get(manager, '/pg/status');
  return answer.status === 200 ? JSON.parse(answer.body) : undefined;
}

async function startPair(world: World): Promise<[ManagerProcess, ManagerProcess]> {
  world.leadTo('prod-1');
  const first = world.start('prod-1');
  const second = world.start('prod-2');
  await world.until('prod-1 is the primary', async () => (await world.status()).currentPrimary === 'prod-1');
  await world.until('prod-2 streams', async () => (await statusOf(world, second))?.isWalReceiverActive === true);
  return [first, second];
}

async function promote(world: World, name: string): Promise<number> {
  const began = performance.now();
  await world.setStatus({ targetPrimary: name });
  await world.until(`${name} is the primary`, async () => (await world.status()).currentPrimary === name);
  world.leadTo(name);
  return performance.now() - began;
}

/** As the operator does it when the old primary is lost. */
async function elect(world: World, name: string): Promise<number> {
  await world.setStatus({ phase: 'Failing over' });
  return promote(world, name);
}

test('a primary and a standby start and switch over', { timeout: 120_000 }, async (t) => {
  const world = await createWorld(t, { instances: 2, net: 1 });
  const [first, second] = await startPair(world);
  assert.equal((await world.get(first, '/readyz')).status, 200);
  assert.equal((await world.get(second, '/readyz')).status, 200);

  t.diagnostic(`switchover in ${Math.round(await promote(world, 'prod-2'))} ms`);
  const began = performance.now();
  await world.until('prod-1 streams', async () => (await statusOf(world, first))?.isWalReceiverActive === true);
  t.diagnostic(`the old primary streams ${Math.round(performance.now() - began)} ms later`);
  const status = await statusOf(world, second);
  assert.equal(status?.isPrimary, true);
  assert.equal(status?.timeLineID, 2);

  first.child.kill('SIGTERM');
  assert.equal(await first.exited, 0);
  assert.equal(await readPostmasterPid(world.pgData('prod-1')), undefined);
});

test('a killed primary comes back as a standby', { timeout: 120_000 }, async (t) => {
  const world = await createWorld(t, { instances: 2, net: 2 });
  const [first] = await startPair(world);
  const postmaster = await readPostmasterPid(world.pgData('prod-1'));
  assert.ok(postmaster);
  process.kill(postmaster.pid, 'SIGKILL');
  assert.equal(await first.exited, 1);

  t.diagnostic(`failover in ${Math.round(await elect(world, 'prod-2'))} ms`);
  const again = world.start('prod-1');
  await world.until('prod-1 streams', async () => (await statusOf(world, again))?.isWalReceiverActive === true);
});

test('a diverged primary is replaced by a fresh copy', { timeout: 120_000 }, async (t) => {
  const world = await createWorld(t, { instances: 2, net: 3 });
  const [first, second] = await startPair(world);
  // The standby is away while the primary goes on writing.
  second.child.kill('SIGKILL');
  await second.exited;
  await world.killServer('prod-2');
  await world.sql('prod-1', 'CREATE TABLE lost AS SELECT generate_series(1, 1000) AS n');
  first.child.kill('SIGKILL');
  await first.exited;
  await world.killServer('prod-1');

  await world.setStatus({ phase: 'Failing over', targetPrimary: 'prod-2' });
  const promoted = world.start('prod-2');
  await world.freeLease();
  await world.until('prod-2 is the primary', async () => (await world.status()).currentPrimary === 'prod-2');
  world.leadTo('prod-2');
  const again = world.start('prod-1');
  await world.until('prod-1 streams', async () => (await statusOf(world, again))?.isWalReceiverActive === true);
  assert.equal((await statusOf(world, promoted))?.isPrimary, true);
  const rows = await world.sql('prod-1', "SELECT to_regclass('lost')::text AS name");
  assert.deepEqual(rows, [{ name: null }]);
  assert.ok(again.log.some((line) => line.includes('fresh copy is in place')));
});

test('a killed manager leaves no second PostgreSQL behind', { timeout: 120_000 }, async (t) => {
  const world = await createWorld(t, { instances: 1, net: 4 });
  world.leadTo('prod-1');
  const first = world.start('prod-1');
  await world.until('prod-1 is the primary', async () => (await world.status()).currentPrimary === 'prod-1');
  await world.until('ready', async () => (await world.get(first, '/readyz')).status === 200);
  const orphan = await readPostmasterPid(world.pgData('prod-1'));
  first.child.kill('SIGKILL');
  await first.exited;
  // As a killed postmaster leaves it whose process number means another, living process now.
  const lock = join(first.mount, 'controller/run/.s.PGSQL.5432.lock');
  await rm(lock);
  await writeFile(lock, `${process.pid}\n`);
  const again = world.start('prod-1');
  await world.until('ready again', async () => (await world.get(again, '/readyz')).status === 200);
  const now = await readPostmasterPid(world.pgData('prod-1'));
  assert.notEqual(now?.pid, orphan?.pid);
});

test('a fenced instance stops PostgreSQL and starts it again', { timeout: 120_000 }, async (t) => {
  const world = await createWorld(t, { instances: 1, net: 5 });
  world.leadTo('prod-1');
  const first = world.start('prod-1');
  await world.until('ready', async () => (await world.get(first, '/readyz')).status === 200);
  await world.annotate({ 'cnpg.io/fencedInstances': '["prod-1"]' });
  await world.until('not ready', async () => (await world.get(first, '/readyz')).status === 500);
  assert.equal((await world.get(first, '/healthz')).status, 200);
  const status = await statusOf(world, first);
  assert.equal(status?.mightBeUnavailable, true);
  assert.equal(status?.isPrimary, true);
  await world.annotate({ 'cnpg.io/fencedInstances': null });
  await world.until('ready again', async () => (await world.get(first, '/readyz')).status === 200);
});

test('a changed parameter is reloaded', { timeout: 120_000 }, async (t) => {
  const world = await createWorld(t, { instances: 1, net: 6 });
  world.leadTo('prod-1');
  const first = world.start('prod-1');
  await world.until('ready', async () => (await world.get(first, '/readyz')).status === 200);
  await world.setSpec({ postgresql: { parameters: { work_mem: '12MB' } } });
  await world.until('work_mem', async () => {
    const [row] = await world.sql('prod-1', 'SHOW work_mem');
    return row?.work_mem === '12MB';
  });
  const status = JSON.parse((await world.get(first, '/pg/status')).body) as { pendingRestart: boolean };
  assert.equal(status.pendingRestart, false, 'what our command line sets asks for no restart');
});

test('a primary keeps roles, slots and extensions in order', { timeout: 120_000 }, async (t) => {
  const world = await createWorld(t, {
    instances: 2,
    net: 7,
    spec: {
      bootstrap: { initdb: { database: 'app', owner: 'app', secret: { name: 'app-auth' } } },
      postgresql: { parameters: { shared_buffers: '16MB', 'pg_stat_statements.max': '1000' } },
      managed: {
        roles: [{ name: 'reader', ensure: 'present', login: true, inRoles: ['pg_monitor'], comment: 'reads' }],
      },
    },
  });
  await world.secret('app-auth', { username: 'app', password: 'testing' });
  const [first, second] = await startPair(world);
  await world.until('the role reader', async () => {
    const rows = await world.sql('prod-1', "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'reader'");
    return rows[0]?.rolcanlogin === true;
  });
  await world.sql('prod-1', 'CREATE ROLE app LOGIN');
  await world.setStatus({ readyInstances: 2 });
  await world.until('the password of app', async () => {
    const rows = await world.sql('prod-1', "SELECT rolpassword AS p FROM pg_authid WHERE rolname = 'app'");
    return String(rows[0]?.p).startsWith('SCRAM-SHA-256$4096:');
  });
  await world.until('the extension', async () => {
    const rows = await world.sql('prod-1', "SELECT 1 FROM pg_extension WHERE extname = 'pg_stat_statements'");
    return rows.length === 1;
  });
  const slots = await world.sql('prod-1', 'SELECT slot_name::text AS name, active FROM pg_replication_slots');
  assert.deepEqual(slots, [{ name: '_cnpg_prod_2', active: true }]);
  assert.deepEqual((await world.status()).managedRolesStatus?.byStatus?.reconciled, ['reader']);
  assert.ok(first.child.pid !== second.child.pid);
});

test('a primary that came back for a moment before the failover becomes a standby', { timeout: 120_000 }, async (t) => {
  const world = await createWorld(t, { instances: 2, net: 8 });
  const [first, second] = await startPair(world);
  first.child.kill('SIGKILL');
  await first.exited;
  await world.killServer('prod-1');
  const again = world.start('prod-1');
  await world.until('prod-1 is back', async () => (await statusOf(world, again))?.isPrimary === true);
  await world.sql('prod-1', 'CREATE TABLE later AS SELECT 1 AS n');
  const postmaster = await readPostmasterPid(world.pgData('prod-1'));
  assert.ok(postmaster);
  process.kill(postmaster.pid, 'SIGKILL');
  await again.exited;
  await elect(world, 'prod-2');
  const third = world.start('prod-1');
  await world.until('prod-1 streams', async () => (await statusOf(world, third))?.isWalReceiverActive === true);
  assert.equal((await statusOf(world, second))?.isPrimary, true);
});

test('a primary that waits for its clients lets go when another target is named', { timeout: 120_000 }, async (t) => {
  const world = await createWorld(t, { instances: 2, net: 11 });
  const [first] = await startPair(world);
  const began = performance.now();
  const client = world.sql('prod-1', 'SELECT pg_sleep(60)').catch(() => undefined);
  await world.until('the client is at work', async () => {
    const rows = await world.sql('prod-1', "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'");
    return rows.length === 1;
  });
  first.child.kill('SIGTERM');
  await world.until('it waits', async () => first.log.some((line) => line.includes('received smart shutdown request')));
  await promote(world, 'prod-2');
  assert.equal(await first.exited, 0);
  await client;
  assert.ok(performance.now() - began < 60_000);
});
