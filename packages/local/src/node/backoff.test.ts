import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterRun, freshHistory, goDuration, pullDelay } from './backoff.ts';

test('restarts wait 0, 10, 20, 40 ... 300 seconds', () => {
  let history = freshHistory;
  const delays: number[] = [];
  for (let run = 0; run < 8; run++) {
    const next = afterRun(history, 1000);
    history = next.history;
    delays.push(next.delayMs / 1000);
  }
  assert.deepEqual(delays, [0, 10, 20, 40, 80, 160, 300, 300]);
});

test('ten minutes of running make the past forgotten', () => {
  const crashed = afterRun(afterRun(freshHistory, 10).history, 10).history;
  assert.equal(afterRun(crashed, 600_000).delayMs, 0);
});

test('durations are written as Go writes them', () => {
  assert.equal(goDuration(10_000), '10s');
  assert.equal(goDuration(80_000), '1m20s');
  assert.equal(goDuration(pullDelay(20)), '5m0s');
});
