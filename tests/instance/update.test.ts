import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { goArch, managerFiles } from '@matriarch/api';
import { packedHash, packFiles } from '@matriarch/objectstore';
import { readPostmasterPid } from '@matriarch/postgres';
import pg from 'pg';
import { askForUpdate, type Caller, newCaller } from '../e2e/support/update.ts';
import { createWorld, dropPrivileges, type ManagerProcess, usePostgres, type World } from './world.ts';

dropPrivileges();
usePostgres();

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const skip = process.platform === 'linux' ? false : 'a process is replaced in place on Linux only';

/** Lays an instance manager out in a folder, of the bundles that lie in `bundles`. */
async function layOut(bundles: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of ['instance.mjs', 'worker.mjs']) await copyFile(join(bundles, name), join(folder, name));
  // The real one is 120 MB, which another test sends; here it would keep the API server of this process from answering.
  await writeFile(join(folder, 'node'), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`, { mode: 0o755 });
  await rm(join(folder, 'manager'), { force: true });
  await copyFile(join(root, 'deploy/image/manager'), join(folder, 'manager'));
  await chmod(join(folder, 'manager'), 0o755);
}

/** Another build of the programs; resolves to the folder with an instance manager of it. */
async function anotherBuild(world: World, commit: string): Promise<string> {
  const bundles = join(world.folder, commit);
  await mkdir(bundles);
  const bundler = JSON.stringify(join(root, 'scripts/bundle.mjs'));
  const script = `const { bundleInto } = await import(${bundler}); await bundleInto(${JSON.stringify(bundles)}, '${commit}');`;
  await run(process.execPath, ['--input-type=module', '-e', script], { timeout: 120_000 });
  const folder = join(world.folder, `${commit}-manager`);
  await layOut(bundles, folder);
  return folder;
}

interface Report {
  readonly executableHash: string;
  readonly isPrimary: boolean;
  readonly isWalReceiverActive: boolean;
}

async function reportOf(world: World, manager: ManagerProcess): Promise<Report | undefined> {
  const answer = await world.get(manager, '/pg/status');
  return answer.status === 200 ? (JSON.parse(answer.body) as Report) : undefined;
}

interface LeaseView {
  readonly spec: { holderIdentity: string; leaseTransitions: number; renewTime: string };
}

const leaseOf = async (world: World) =>
  (
    (await world.client.get(
      { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' },
      { namespace: world.namespace, name: world.clusterName },
    )) as unknown as LeaseView
  ).spec;

const postmasterOf = async (world: World, name: string) => (await readPostmasterPid(world.pgData(name)))?.pid;

/** Starts the managers as their containers do, the first one as the primary. */
async function startAll(world: World, names: readonly string[]): Promise<ManagerProcess[]> {
  for (const name of names) await layOut(join(root, 'dist'), join(world.folder, name, 'controller'));
  world.leadTo(names[0] ?? '');
  const managers = names.map((name) => world.startInstalled(name));
  await world.until('the first one is the primary', async () => (await world.status()).currentPrimary === names[0]);
  for (const manager of managers.slice(1)) {
    await world.until('a standby streams', async () => (await reportOf(world, manager))?.isWalReceiverActive === true);
  }
  return managers;
}

/** A client on one connection, which writes and leaves a mark in the log each time. */
async function writer(world: World, name: string) {
  const client = new pg.Client({
    host: join(world.folder, name, 'controller/run'),
    user: 'postgres',
    database: 'postgres',
  });
  const errors: string[] = [];
  client.on('error', (error) => errors.push(error.message));
  await client.connect();
  await client.query('CREATE TABLE kept (n int)');
  let stopped = false;
  let count = 0;
  const running = (async () => {
    while (!stopped && errors.length === 0) {
      await client.query(`INSERT INTO kept VALUES (${count})`);
      await client.query(`DO $$ BEGIN RAISE LOG 'mark é % .', ${count}; END $$`);
      count += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })().catch((error: Error) => void errors.push(error.message));
  return {
    errors,
    written: () => count,
    async stop() {
      stopped = true;
      await running;
      await client.end().catch(() => undefined);
    },
  };
}

async function offer(world: World, caller: Caller, folder: string): Promise<string> {
  const hash = await packedHash(folder, managerFiles);
  await world.setStatus({
    operatorCertificateFingerprint: caller.fingerprint,
    availableArchitectures: [{ goArch: goArch(process.arch), hash }],
  });
  return hash;
}

test('managers become another version while PostgreSQL and its clients go on', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const world = await createWorld(t, { instances: 2, net: 40 });
  const names = ['prod-1', 'prod-2'];
  const managers = await startAll(world, names);
  const folder = await anotherBuild(world, 'second');
  const caller = newCaller();
  const hash = await offer(world, caller, folder);
  const body = Buffer.concat(await Array.fromAsync(packFiles(folder, managerFiles)));
  const before = await Promise.all(names.map((name) => postmasterOf(world, name)));
  const lease = await leaseOf(world);
  const session = await writer(world, 'prod-1');

  for (const manager of managers.toReversed()) {
    await world.until(`${manager.name} knows the caller`, async () =>
      (await askForUpdate(manager.address, { caller, method: 'POST' })).startsWith('405'),
    );
    const written = session.written();
    const answer = await askForUpdate(manager.address, { caller, body });
    assert.match(answer, /ECONNRESET|EPIPE/, `${answer}\n${manager.log.slice(-20).join('\n')}`);
    const began = performance.now();
    await world.until(`${manager.name} is the new one`, async () => {
      return (await reportOf(world, manager))?.executableHash === hash;
    });
    t.diagnostic(`${manager.name} answers ${Math.round(performance.now() - began)} ms after its connections ended`);
    await world.until('the client writes on', async () => session.written() > written + 50);
  }
  // Longer than the right to write lasts without a renewal.
  const renewed = Date.parse((await leaseOf(world)).renewTime);
  await world.until('the Lease is renewed on and on', async () => {
    return Date.parse((await leaseOf(world)).renewTime) > renewed + 12_000;
  });
  await session.stop();
  assert.deepEqual(session.errors, []);
  assert.deepEqual(await Promise.all(names.map((name) => postmasterOf(world, name))), before);
  const after = await leaseOf(world);
  assert.deepEqual([after.holderIdentity, after.leaseTransitions], [lease.holderIdentity, lease.leaseTransitions]);
  const [first, second] = managers as [ManagerProcess, ManagerProcess];
  const reports = await Promise.all(managers.map((manager) => reportOf(world, manager)));
  assert.deepEqual([reports[0]?.isPrimary, reports[1]?.isWalReceiverActive], [true, true]);

  const wanted = Array.from({ length: session.written() }, (_, index) => index);
  const marks = () =>
    [...first.log.join('\n').matchAll(/"message":"mark é (\d+) \."/g)].map(([, mark]) => Number(mark));
  await world.until('the log is whole', async () => marks().length >= wanted.length);
  assert.deepEqual(
    marks().sort((a, b) => a - b),
    wanted,
    'every line of the log came, once',
  );
  for (const name of names) {
    const controller = join(world.folder, name, 'controller');
    assert.deepEqual(await readdir(join(controller, 'versions')), [hash]);
    assert.ok(!(await readdir(controller)).some((entry) => ['node', 'instance.mjs', 'handover.json'].includes(entry)));
  }

  const stopped = performance.now();
  second.child.kill('SIGTERM');
  assert.equal(await second.exited, 0, 'an adopted server is stopped as any other');
  t.diagnostic(`stopped in ${Math.round(performance.now() - stopped)} ms`);
  assert.equal(await postmasterOf(world, 'prod-2'), undefined);

  const killed = Date.now();
  process.kill((await postmasterOf(world, 'prod-1')) ?? 0, 'SIGKILL');
  assert.equal(await first.exited, 1);
  const line = first.log.find((text) => text.includes('PostgreSQL ended by itself')) ?? '{}';
  const { signal, ts } = JSON.parse(line) as { signal: string; ts: string };
  assert.equal(signal, 'SIGKILL');
  t.diagnostic(`the end of the adopted server was noticed after ${Date.parse(ts) - killed} ms`);
  assert.ok(Date.parse(ts) - killed < 1000);
});

test('what is not the offered version changes nothing', { skip, timeout: 180_000 }, async (t) => {
  const world = await createWorld(t, { instances: 1, net: 41 });
  const [manager] = (await startAll(world, ['prod-1'])) as [ManagerProcess];
  const folder = await anotherBuild(world, 'second');
  const caller = newCaller();
  await offer(world, caller, folder);
  const host = manager.address;
  await world.until('the caller is known', async () =>
    (await askForUpdate(host, { caller, method: 'POST' })).startsWith('405'),
  );
  const running = await reportOf(world, manager);
  const postmaster = await postmasterOf(world, 'prod-1');
  const body = Buffer.concat(await Array.fromAsync(packFiles(folder, managerFiles)));
  const damaged = Buffer.from(body);
  damaged[5000] = (damaged[5000] ?? 0) ^ 1;
  const versions = () => readdir(join(world.folder, 'prod-1/controller/versions')).catch(() => []);

  assert.match(await askForUpdate(host, { body }), /^401 /);
  assert.match(await askForUpdate(host, { caller: newCaller() }), /^503 .*not recognized/);
  assert.match(await askForUpdate(host, { caller, body: damaged }), /^500 .*availableArchitectures names/);
  assert.match(await askForUpdate(host, { caller, body: body.subarray(0, 100_000) }), /^500 .*incomplete/);
  await askForUpdate(host, { caller, body: body.subarray(0, 1_000_000), announced: body.length });
  await world.until('the broken upload has left nothing', async () => (await versions()).length === 0);
  assert.deepEqual(
    [(await reportOf(world, manager))?.executableHash, await postmasterOf(world, 'prod-1')],
    [running?.executableHash, postmaster],
  );
});
