import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, dropPrivileges, usePostgres } from './world.ts';

dropPrivileges();
usePostgres();

interface StatusAnswer {
  isPrimary: boolean;
  isWalReceiverActive: boolean;
  timeLineID: number;
}

test('a primary and a standby start, switch over and switch back', { timeout: 120_000 }, async (t) => {
  const world = await createWorld(t, { instances: 2, net: 1 });
  world.leadTo('prod-1');
  const first = world.start('prod-1');
  const second = world.start('prod-2');
  const status = async (manager: { address: string }): Promise<StatusAnswer | undefined> => {
    const answer = await world.get(manager, '/pg/status');
    return answer.status === 200 ? JSON.parse(answer.body) : undefined;
  };
  await world.until('prod-1 is the primary', async () => (await world.status()).currentPrimary === 'prod-1');
  await world.until('prod-2 streams', async () => (await status(second))?.isWalReceiverActive === true);
  assert.equal((await world.get(first, '/readyz')).status, 200);
  assert.equal((await world.get(second, '/readyz')).status, 200);

  const began = performance.now();
  await world.setStatus({ targetPrimary: 'prod-2' });
  await world.until('prod-2 is the primary', async () => (await world.status()).currentPrimary === 'prod-2');
  t.diagnostic(`switchover in ${Math.round(performance.now() - began)} ms`);
  world.leadTo('prod-2');
  await world.until('prod-1 streams', async () => (await status(first))?.isWalReceiverActive === true);
  t.diagnostic(`old primary streams after ${Math.round(performance.now() - began)} ms`);
  assert.equal((await status(second))?.isPrimary, true);
  assert.equal((await status(second))?.timeLineID, 2);
});
