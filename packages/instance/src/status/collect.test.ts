import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../database.ts';
import type { Health } from '../health/health.ts';
import { type Lane, SilentError } from '../lane.ts';
import { createState } from '../state.ts';
import { type CollectInput, collectStatus, refreshPosition, StatusError } from './collect.ts';

const well: Health = { postgres: 'answers', volumes: [{ path: '/data' }] };
const hung: Health = {
  postgres: 'answers',
  volumes: [{ path: '/data', hungSinceMs: Date.parse('2030-01-01T00:00:00Z') }],
};

function input(answer: Lane['query'], change: Partial<CollectInput> = {}): CollectInput {
  const unused = () => Promise.reject(new Error('not asked'));
  const database: Database = {
    query: unused,
    lane: () => ({ query: answer }),
    withConnection: unused,
    close: unused,
    open: () => undefined,
  };
  return {
    identity: { podName: 'p-1', clusterName: 'p', executableHash: '', version: '', sessionId: '' },
    pgData: '/nowhere',
    database,
    lane: { query: answer },
    state: createState().current,
    health: well,
    pid: 7,
    memory: { told: { pid: 7, status: { isPrimary: true, systemID: '1' } } },
    ...change,
  };
}

const silent = () => Promise.reject(new SilentError('no answer'));
const ended = () => Promise.reject(new Error('Connection terminated unexpectedly'));

test('a silent server is told by what it said last, as long as it is the same server', async () => {
  const status = await collectStatus(input(silent));
  assert.deepEqual([status.isPrimary, status.systemID, status.unresponsiveSince], [true, '1', undefined]);
  await assert.rejects(collectStatus(input(silent, { pid: 8 })), StatusError);
  await assert.rejects(collectStatus(input(ended)), StatusError);
});

test('that a volume hangs is told without a gap, also when the server is killed', async () => {
  const status = await collectStatus(input(ended, { health: hung, pid: undefined }));
  assert.deepEqual([status.isPrimary, status.unresponsiveSince], [false, '2030-01-01T00:00:00.000Z']);
  const last = await collectStatus(input(silent));
  const refreshed = await refreshPosition(input(ended, { health: hung, pid: undefined }), last);
  assert.equal(refreshed.unresponsiveReason, 'the volume at /data takes no writes');
  await assert.rejects(refreshPosition(input(ended), last), /terminated/);
});
