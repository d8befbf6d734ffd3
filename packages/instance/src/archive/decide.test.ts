import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '@matriarch/api';
import { decideArchive, decideRestore } from './decide.ts';

const store = { destinationPath: 's3://b/' };

function cluster(spec: object, current: string, target = current): Cluster {
  return {
    metadata: { name: 'prod' },
    spec: { instances: 3, ...spec },
    status: { currentPrimary: current, targetPrimary: target, timelineID: 4 },
  } as Cluster;
}

test('who archives, who discards, who refuses', () => {
  const withStore = { backup: { barmanObjectStore: store } };
  assert.equal(decideArchive(cluster({}, 'prod-1'), 'prod-1').kind, 'discard');
  assert.equal(decideArchive(cluster(withStore, 'prod-1'), 'prod-1').kind, 'store');
  assert.equal(decideArchive(cluster(withStore, 'prod-1', 'prod-2'), 'prod-1').kind, 'store');
  assert.equal(decideArchive(cluster(withStore, 'prod-1', 'prod-2'), 'prod-2').kind, 'store');
  assert.equal(decideArchive(cluster(withStore, 'prod-2'), 'prod-1').kind, 'refuse');
  const replica = { ...withStore, replica: { enabled: true, source: 'x' } };
  assert.equal(decideArchive(cluster(replica, 'prod-2'), 'prod-1').kind, 'discard');
});

test('a standby sees no later timeline than its cluster has reached', () => {
  const restore = decideRestore(cluster({ backup: { barmanObjectStore: store } }, 'prod-1'), 'prod-2');
  assert.equal(restore.kind === 'store' && restore.lastTimeline, 4);
  const primary = decideRestore(cluster({ backup: { barmanObjectStore: store } }, 'prod-1'), 'prod-1');
  assert.equal(primary.kind === 'store' && primary.lastTimeline, 0);
  assert.equal(decideRestore(cluster({}, 'prod-1'), 'prod-2').kind, 'none');
});
