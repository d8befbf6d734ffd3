import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readPostmasterPid } from '@matriarch/postgres';
import { createWorld, dropPrivileges, usePostgres } from './world.ts';

dropPrivileges();
usePostgres();

interface StatusAnswer {
  readonly isPrimary: boolean;
  readonly systemID: string;
  readonly unresponsiveSince?: string;
  readonly unresponsiveReason?: string;
}

test('a PostgreSQL and a volume that do not answer are told with the last status', { timeout: 90_000 }, async (t) => {
  const world = await createWorld(t, { instances: 1, net: 9 });
  const manager = world.start('prod-1');
  const status = async () => {
    const answer = await world.get(manager, '/pg/status');
    return answer.status === 200 ? (JSON.parse(answer.body) as StatusAnswer) : undefined;
  };
  await world.until('prod-1 is the primary', async () => (await world.status()).currentPrimary === 'prod-1');
  await world.until('its status is known', async () => (await status())?.isPrimary === true);
  const { systemID } = (await status()) ?? {};
  const postmaster = await readPostmasterPid(world.pgData('prod-1'));
  assert.ok(postmaster);

  const volume = dirname(world.pgData('prod-1'));
  const probe = join(volume, '.volume-probe');
  // Writing to a pipe waits for a reader, as a write to a hung volume waits.
  await rm(probe);
  execFileSync('mkfifo', [probe]);
  const stopped = Date.now();
  process.kill(postmaster.pid, 'SIGSTOP');
  t.after(() => {
    try {
      process.kill(postmaster.pid, 'SIGCONT');
    } catch {
      // It has ended.
    }
  });
  let seen: StatusAnswer | undefined;
  await world.until(
    'the status tells of it',
    async () => {
      const began = performance.now();
      seen = await status();
      assert.ok(seen, 'there is a status all the time');
      assert.ok(performance.now() - began < 4000, 'nobody waits for the server');
      return seen.unresponsiveReason?.includes(';') === true;
    },
    40_000,
  );
  assert.equal(seen?.isPrimary, true);
  assert.equal(seen?.systemID, systemID);
  assert.equal(seen?.unresponsiveReason, `the volume at ${volume} takes no writes; PostgreSQL does not answer`);
  const since = Date.parse(seen?.unresponsiveSince ?? '') - stopped;
  assert.ok(since > -2000 && since < 10_000, `since ${since} ms after the stop`);

  process.kill(postmaster.pid, 'SIGCONT');
  const reader = await open(probe, constants.O_RDONLY | constants.O_NONBLOCK);
  t.after(() => reader.close());
  await world.until('all is well again', async () => (await status())?.unresponsiveSince === undefined, 20_000);
  manager.child.kill('SIGTERM');
  assert.equal(await manager.exited, 0);
});
