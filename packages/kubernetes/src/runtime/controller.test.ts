import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createController, done, type ReconcileResult, requeue } from './controller.ts';
import { createQueue } from './queue.ts';

test('a queue hands a key to one worker at a time and keeps one repetition', async () => {
  const queue = createQueue();
  queue.add('a');
  queue.add('a');
  assert.equal(queue.length, 1);
  assert.equal(await queue.take(), 'a');
  queue.add('a');
  queue.add('a');
  assert.equal(queue.length, 0);
  queue.done('a');
  assert.equal(queue.length, 1);
  queue.close();
  assert.equal(await queue.take(), undefined);
});

test('an event brings a scheduled key forward', async () => {
  const queue = createQueue();
  queue.addAfter('a', 3_600_000);
  queue.add('a');
  assert.equal(await queue.take(), 'a');
  queue.close();
});

async function run(results: (() => ReconcileResult)[]): Promise<{ calls: number; delays: number[] }> {
  const stop = new AbortController();
  const delays: number[] = [];
  let calls = 0;
  const controller = createController({
    name: 'test',
    backoff: { base: 1, max: 4 },
    onError: (_key, _error, delay) => delays.push(delay),
    reconcile: async () => {
      const next = results[calls];
      calls += 1;
      if (calls === results.length) stop.abort();
      return next ? next() : done;
    },
  });
  controller.enqueue('ns/a');
  await controller.start(stop.signal);
  return { calls, delays };
}

test('a throw is tried again with growing delays, a requeue comes back', async () => {
  const fail = () => {
    throw new Error('no');
  };
  const { calls, delays } = await run([fail, fail, () => requeue(1, 'waiting'), () => done]);
  assert.equal(calls, 4);
  assert.equal(delays.length, 2);
  assert.ok((delays[1] ?? 0) > (delays[0] ?? 0));
});
