import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '@matriarch/api';
import { createState } from '../state.ts';
import { refuseProgram, refuseUpdate, type UpdateView } from './decide.ts';

const view: UpdateView = {
  stage: 'request',
  method: 'PUT',
  folder: '/controller',
  platform: 'linux',
  state: createState().current,
  lifecycle: 'running',
  inTransition: false,
  workerBusy: false,
};

test('when an update may begin', () => {
  const state = (change: object) => ({ state: { ...view.state, ...change } });
  const cases: [change: Partial<UpdateView>, status: number | undefined][] = [
    [{}, undefined],
    [{ lifecycle: 'down', ...state({ fenced: true }) }, undefined],
    [{ method: 'POST' }, 405],
    [state({ upgrading: true }), 418],
    [{ stage: 'received', ...state({ upgrading: true }) }, undefined],
    [{ stage: 'received', inTransition: true, ...state({ upgrading: true }) }, 503],
    [{ inTransition: true }, 503],
    [{ platform: 'darwin' }, 500],
    [{ folder: undefined }, 500],
    [state({ rewinding: true }), 503],
    [{ workerBusy: true }, 503],
    [state({ restarting: true }), 503],
    [{ lifecycle: 'starting' }, 503],
    [{ lifecycle: 'stopping' }, 503],
    [{ lifecycle: 'down' }, 503],
  ];
  for (const [change, status] of cases) {
    assert.equal(refuseUpdate({ ...view, ...change })?.status, status, JSON.stringify(change));
  }
});

test('only the version that the Cluster names for this architecture is taken', () => {
  const cluster = { status: { availableArchitectures: [{ goArch: 'amd64', hash: 'new' }] } } as Cluster;
  assert.equal(refuseProgram('new', 'old', 'amd64', cluster), undefined);
  assert.match(refuseProgram('bad', 'old', 'amd64', cluster) ?? '', /hash .* is bad, .* names new for amd64/);
  assert.match(refuseProgram('new', 'old', 'arm64', cluster) ?? '', /names no instance manager for arm64/);
  assert.match(refuseProgram('new', 'old', 'amd64', undefined) ?? '', /names no instance manager/);
  assert.match(refuseProgram('old', 'old', 'amd64', cluster) ?? '', /already/);
});
