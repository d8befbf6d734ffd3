import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SendOutcome } from './send.ts';
import { createManagerUpdates } from './updates.ts';

test('one attempt at a time; after it a rest as long as its outcome asks for', async () => {
  for (const [outcome, restMs] of [
    [{ kind: 'replaced' }, 1_000],
    [{ kind: 'later', reason: 'busy' }, 10_000],
    [{ kind: 'failed', reason: 'damaged' }, 30_000],
  ] as const) {
    let now = 0;
    const changes: string[] = [];
    const ends: SendOutcome[] = [];
    const updates = createManagerUpdates(
      () => now,
      (cluster) => changes.push(cluster),
    );
    const sent = Promise.withResolvers<SendOutcome>();
    let calls = 0;
    const begin = () =>
      updates.begin(
        'demo/prod',
        'prod-3',
        () => {
          calls += 1;
          return sent.promise;
        },
        (end) => ends.push(end),
      );
    assert.deepEqual(updates.state('demo/prod'), { kind: 'idle' });
    begin();
    begin();
    assert.equal(calls, 1);
    assert.deepEqual(updates.state('demo/prod'), { kind: 'sending', instance: 'prod-3' });
    sent.resolve(outcome);
    await sent.promise.then(() => undefined);
    assert.deepEqual(ends, [outcome]);
    assert.deepEqual(changes, ['demo/prod']);
    now = restMs - 1;
    assert.equal(updates.state('demo/prod').kind, 'resting');
    now = restMs;
    assert.equal(updates.state('demo/prod').kind, 'idle');
  }
});

test('the attempt for a cluster that is gone is given up, and its end tells nobody', async () => {
  const ends: SendOutcome[] = [];
  const updates = createManagerUpdates(
    () => 0,
    () => assert.fail('the cluster is gone'),
  );
  const given = Promise.withResolvers<void>();
  const send = async (signal: AbortSignal): Promise<SendOutcome> => {
    signal.addEventListener('abort', () => given.resolve());
    await given.promise;
    throw new Error('given up');
  };
  updates.begin('demo/prod', 'prod-1', send, (end) => ends.push(end));
  updates.forget('demo/prod');
  await given.promise;
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(ends, []);
});
