import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster, ClusterStatus } from '@matriarch/api';
import type { Draft } from '../draft.ts';
import { failureDomains } from './domains.ts';

const zones = (a: string, b: string, c: string) => ({
  instances: { 'c-1': { zone: a }, 'c-2': { zone: b }, 'c-3': { zone: c } },
  successfullyExtracted: true,
});

function reasonFor(synchronous: object | undefined, status: Partial<ClusterStatus>): string | undefined {
  const cluster = { metadata: { name: 'c' }, spec: { postgresql: { synchronous } } } as unknown as Cluster;
  const conditions = [
    { type: 'SyncReplicationTopologySatisfied', status: 'True', reason: 'Old', message: '', lastTransitionTime: '' },
  ];
  const draft = {
    snapshot: { cluster, now: 0 },
    status: { currentPrimary: 'c-1', instanceNames: ['c-1', 'c-2', 'c-3'], conditions, ...status },
  } as unknown as Draft;
  failureDomains(draft);
  return draft.status.conditions?.find(({ type }) => type === 'SyncReplicationTopologySatisfied')?.reason;
}

test('the condition follows where the standbys are', () => {
  const required = { method: 'any', number: 1, nodeFailureDomainKeys: ['zone'] };
  const preferred = { ...required, dataDurability: 'preferred' };
  const away = { topology: zones('a', 'b', 'a'), instancesStatus: { healthy: ['c-1', 'c-3'] } };
  assert.equal(reasonFor(undefined, away), undefined);
  assert.equal(reasonFor({ method: 'any', number: 1 }, away), undefined);
  assert.equal(reasonFor(required, away), 'Satisfied');
  assert.equal(reasonFor({ ...required, number: 2 }, away), 'InsufficientCrossDomainReplicas');
  assert.equal(reasonFor(preferred, away), 'InsufficientCrossDomainReplicas');
  assert.equal(reasonFor(preferred, { ...away, instancesStatus: { healthy: ['c-1', 'c-2'] } }), 'Satisfied');
  const unknown = { topology: { ...zones('a', 'b', 'a'), successfullyExtracted: false } };
  assert.equal(reasonFor(required, unknown), 'TopologyNotExtracted');
  assert.equal(reasonFor(required, { topology: zones('a', 'a', 'a') }), 'InsufficientCrossDomainReplicas');
});
