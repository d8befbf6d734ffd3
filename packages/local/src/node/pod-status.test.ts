import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerState, PodSpec } from 'kubernetes-types/core/v1.d.ts';
import { pod } from '../testing/objects.ts';
import type { ContainerFacts } from './container-state.ts';
import { podPhase, podStatus } from './pod-status.ts';

function facts(state: ContainerState, more: Partial<ContainerFacts> = {}): ContainerFacts {
  const base = {
    name: 'c',
    role: 'main' as const,
    image: 'x',
    imageID: '',
    containerID: '',
    lastState: {},
    restartCount: 0,
  };
  return { ...base, started: false, ready: false, state, ...more };
}

const waiting = facts({ waiting: { reason: 'ContainerCreating' } });
const running = facts({ running: {} }, { started: true, ready: true });
const ended = (exitCode: number) => facts({ terminated: { exitCode } });

const phases: [string, PodSpec['restartPolicy'], ContainerFacts[], string][] = [
  ['nothing runs yet', 'Always', [waiting], 'Pending'],
  ['it runs', 'Always', [running], 'Running'],
  ['it ended and comes again', 'Always', [ended(0)], 'Running'],
  [
    'it waits for its next run',
    'Always',
    [facts({ waiting: {} }, { lastState: { terminated: { exitCode: 1 } } })],
    'Running',
  ],
  ['done', 'Never', [ended(0)], 'Succeeded'],
  ['failed', 'Never', [ended(0), ended(2)], 'Failed'],
  ['failed, tried again', 'OnFailure', [ended(2)], 'Running'],
  [
    'an init container failed for good',
    'Never',
    [facts({ terminated: { exitCode: 1 } }, { role: 'init' }), waiting],
    'Failed',
  ],
  [
    'an init container is tried again',
    'Always',
    [facts({ terminated: { exitCode: 1 } }, { role: 'init' }), waiting],
    'Pending',
  ],
];

for (const [name, restartPolicy = 'Always', containers, expected] of phases) {
  test(`phase: ${name}`, () => assert.equal(podPhase(pod('p', { restartPolicy }), containers), expected));
}

test('the time of a condition changes only with its status', () => {
  const old = '2026-01-01T00:00:00Z';
  const conditions = [
    { type: 'Ready', status: 'False', lastTransitionTime: old },
    { type: 'Initialized', status: 'True', lastTransitionTime: old },
    { type: 'example.com/own', status: 'True', lastTransitionTime: old },
  ];
  const now = '2026-01-02T00:00:00Z';
  const input = { containers: [running], placement: undefined, prepared: true, startTime: old, now };
  const status = podStatus({ ...input, pod: pod('p', {}, { status: { conditions } }) });
  const since = Object.fromEntries(
    (status.conditions ?? []).map(({ type, lastTransitionTime }) => [type, lastTransitionTime]),
  );
  assert.equal(since.Ready, now);
  assert.equal(since.Initialized, old);
  assert.equal(since['example.com/own'], old);
});

test('a container that is not ready makes the pod not ready, and is named', () => {
  const input = { placement: undefined, prepared: true, startTime: '', now: '2026-01-02T00:00:00Z' };
  const status = podStatus({ ...input, pod: pod('p'), containers: [{ ...running, ready: false }] });
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  assert.equal(ready?.status, 'False');
  assert.equal(ready?.message, 'containers with unready status: [c]');
});
