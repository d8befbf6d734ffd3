import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job, JobSpec, JobStatus } from 'kubernetes-types/batch/v1.d.ts';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import { pod, stored } from '../testing/objects.ts';
import { planJob, TRACKING } from './job-decide.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');

function job(spec: Partial<JobSpec> = {}, status: JobStatus = {}): Stored<Job> {
  return stored<Job>('j', { spec: { template: {}, completions: 1, parallelism: 1, backoffLimit: 6, ...spec }, status });
}

function member(phase: string, finishedAt?: string): Stored<Pod> {
  const state = finishedAt === undefined ? {} : { terminated: { exitCode: 1, finishedAt } };
  const containerStatuses = [{ name: 'c', image: 'x', imageID: 'x', ready: false, restartCount: 0, state }];
  return pod('m', {}, { metadata: { finalizers: [TRACKING] }, status: { phase, containerStatuses } });
}

test('a new Job gets a pod and a start time', () => {
  const plan = planJob(job(), [], NOW);
  assert.equal(plan.create, 1);
  assert.deepEqual(plan.status, {
    startTime: '2026-01-01T00:10:00Z',
    active: 1,
    uncountedTerminatedPods: {},
    ready: 0,
  });
});

test('a finished pod is noted, released, counted, in this order; only then is the Job complete', () => {
  const done = member('Succeeded');
  const noted = planJob(job({}, { startTime: '2026-01-01T00:00:00Z' }), [done], NOW);
  assert.deepEqual(noted.status.uncountedTerminatedPods, { succeeded: [done.metadata.uid] });
  assert.equal(noted.status.succeeded, undefined);
  assert.equal(noted.status.conditions, undefined);
  assert.deepEqual(noted.release, [done]);

  const released = { ...done, metadata: { ...done.metadata, finalizers: [] } };
  const counted = planJob(job({}, noted.status), [released], NOW);
  assert.equal(counted.status.succeeded, 1);
  assert.deepEqual(counted.status.uncountedTerminatedPods, {});
  assert.equal(counted.status.conditions?.[0]?.type, 'Complete');
  assert.equal(counted.create, 0);

  const again = planJob(job({}, counted.status), [released], NOW);
  assert.equal(again.status.succeeded, 1);
});

test('failures beyond the limit end the Job', () => {
  const status = { startTime: '2026-01-01T00:00:00Z', failed: 1, uncountedTerminatedPods: {} };
  const plan = planJob(job({ backoffLimit: 0 }, status), [], NOW);
  assert.equal(plan.status.conditions?.[0]?.reason, 'BackoffLimitExceeded');
  assert.equal(plan.create, 0);
});

test('after a failure the next pod waits 10 s, then 20 s', () => {
  const failedAt = '2026-01-01T00:09:55Z';
  const first = planJob(job(), [member('Failed', failedAt)], NOW);
  assert.equal(first.create, 0);
  assert.equal(first.again, 5000);
  assert.equal(planJob(job(), [member('Failed', failedAt)], NOW + 5000).create, 1);
  const second = planJob(job({}, { failed: 1 }), [member('Failed', failedAt)], NOW);
  assert.equal(second.again, 15_000);
});

test('a suspended Job has no pods', () => {
  const active = member('Running');
  const plan = planJob(job({ suspend: true }), [active], NOW);
  assert.deepEqual(plan.remove, [active]);
  assert.equal(plan.status.conditions?.[0]?.type, 'Suspended');
  assert.equal(plan.status.startTime, undefined);
});

test('too long is a failure that ends the pods', () => {
  const active = member('Running');
  const plan = planJob(job({ activeDeadlineSeconds: 60 }, { startTime: '2026-01-01T00:00:00Z' }), [active], NOW);
  assert.equal(plan.status.conditions?.[0]?.reason, 'DeadlineExceeded');
  assert.deepEqual(plan.remove, [active]);
});
