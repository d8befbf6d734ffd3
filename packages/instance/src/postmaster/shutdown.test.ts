import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type StopReason, stopPlan } from './shutdown.ts';

const times = { smartShutdownTimeoutSeconds: 180, stopDelaySeconds: 1800, switchoverDelaySeconds: 3600 };
const modes = (reason: StopReason, change: Partial<typeof times> = {}) =>
  stopPlan(reason, { ...times, ...change }).map((phase) => phase.mode);

test('the end of a pod is smart first, unless there is no time for it', () => {
  assert.deepEqual(modes('terminate'), ['smart', 'fast', 'immediate', 'kill']);
  assert.deepEqual(modes('terminate', { stopDelaySeconds: 180 }), ['fast', 'immediate', 'kill']);
});

test('a fence and a demotion never wait for clients, a lost lease for nothing', () => {
  assert.deepEqual(modes('fence'), ['fast', 'immediate', 'kill']);
  assert.deepEqual(modes('demote'), ['fast', 'immediate', 'kill']);
  assert.deepEqual(modes('lost-lease'), ['kill']);
  assert.deepEqual(modes('isolated'), ['kill']);
  assert.deepEqual(modes('unresponsive'), ['kill']);
  assert.equal(stopPlan('demote', times)[0]?.timeoutMs, 3_600_000);
});
