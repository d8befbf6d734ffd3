import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTurns } from './turns.ts';

test('work of one name goes one after another, also after a failure; other names do not wait', async () => {
  const turns = createTurns();
  const order: string[] = [];
  const { promise: held, reject } = Promise.withResolvers<void>();
  const first = turns.take('a', async () => {
    order.push('a1');
    await held;
  });
  const second = turns.take('a', async () => {
    order.push('a2');
  });
  await turns.take('b', async () => {
    order.push('b');
  });
  assert.deepEqual(order, ['a1', 'b']);
  reject(new Error('broken'));
  await assert.rejects(first, /broken/);
  await second;
  assert.deepEqual(order, ['a1', 'b', 'a2']);
  await turns.take('a', async () => {
    order.push('a3');
  });
  assert.equal(order.at(-1), 'a3');
});
