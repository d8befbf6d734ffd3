import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backup, Cluster } from '@matriarch/api';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { testCluster } from '../cluster/testing/world.ts';
import { decideBackup } from './decide.ts';
import type { BackupSnapshot } from './snapshot.ts';

const image = 'postgres:17.2';
const barmanObjectStore = { destinationPath: 's3://b', s3Credentials: { inheritFromIAMRole: true } };

function pod(name: string, ready = true): Pod {
  return {
    metadata: { name },
    spec: { containers: [{ name: 'postgres', image }] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'postgres', containerID: `c-${name}`, ready, image, imageID: '', restartCount: 0 }],
    },
  };
}

function backup(name = 'ondemand', status: Backup['status'] = {}, created = '2026-01-01T00:00:00Z'): Backup {
  return {
    metadata: { name, namespace: 'demo', creationTimestamp: created },
    spec: { cluster: { name: 'prod' } },
    status,
  };
}

function snapshot(change: Partial<BackupSnapshot> = {}, cluster: Cluster = clusterWith()): BackupSnapshot {
  const own = change.backup ?? backup();
  return {
    backup: own,
    cluster,
    siblings: [own],
    pods: [pod('prod-1'), pod('prod-2'), pod('prod-3')],
    sessions: new Map([
      ['prod-1', 's1'],
      ['prod-2', 's2'],
      ['prod-3', 's3'],
    ]),
    haveVolumeSnapshots: false,
    now: Date.parse('2026-01-01T00:00:00Z'),
    ...change,
  };
}

function clusterWith(spec: Partial<Cluster['spec']> = { backup: { barmanObjectStore } }): Cluster {
  const cluster = testCluster(spec);
  const healthy = ['prod-1', 'prod-2', 'prod-3'];
  return {
    ...cluster,
    status: { image, targetPrimary: 'prod-1', currentPrimary: 'prod-1', instancesStatus: { healthy } },
  };
}

test('the first ready standby is told, with the event of the walkthrough', () => {
  const plan = decideBackup(snapshot());
  assert.equal(plan.kind, 'start');
  if (plan.kind !== 'start') return;
  assert.equal(plan.pod, 'prod-2');
  assert.deepEqual(plan.event, { type: 'Normal', reason: 'Starting', message: 'Starting backup for cluster prod' });
  assert.deepEqual(plan.status.instanceID, { podName: 'prod-2', ContainerID: 'c-prod-2', sessionID: 's2' });
});

test('who is chosen', () => {
  const chosen = (change: Partial<BackupSnapshot>) => {
    const plan = decideBackup(snapshot(change));
    return plan.kind === 'start' ? plan.pod : plan.kind === 'wait' ? plan.status?.phase : plan.event.reason;
  };
  const wanted = backup();
  const primary: Backup = { ...wanted, spec: { ...wanted.spec, target: 'primary' } };
  assert.equal(chosen({ backup: primary }), 'prod-1');
  assert.equal(chosen({ pods: [pod('prod-1'), pod('prod-2', false), pod('prod-3')] }), 'prod-3');
  assert.equal(chosen({ pods: [pod('prod-1')] }), 'prod-1');
  assert.equal(chosen({ pods: [pod('prod-1', false)] }), 'pending');
  assert.equal(chosen({ pods: [] }), 'pending');
  assert.equal(chosen({ sessions: new Map() }), 'pending');
});

test('one at a time, the oldest first', () => {
  const older = backup('older', {}, '2025-01-01T00:00:00Z');
  const own = backup();
  assert.equal(decideBackup(snapshot({ backup: own, siblings: [own, older] })).kind, 'wait');
  const done = { ...older, status: { phase: 'completed' } };
  assert.equal(decideBackup(snapshot({ backup: own, siblings: [own, done] })).kind, 'start');
});

test('what can never work fails at once, with its reason', () => {
  const reason = (cluster: Cluster, spec: Partial<Backup['spec']> = {}) => {
    const own = backup();
    const plan = decideBackup(snapshot({ backup: { ...own, spec: { ...own.spec, ...spec } } }, cluster));
    return plan.kind === 'fail' ? plan.event.reason : plan.kind;
  };
  assert.equal(reason(clusterWith({})), 'ClusterHasBackupConfigured');
  assert.equal(reason(clusterWith({ backup: {} })), 'ClusterHasNoBarmanSection');
  assert.equal(reason(clusterWith(), { method: 'volumeSnapshot' }), 'ClusterHasNoVolumeSnapshotCRD');
  assert.equal(reason(clusterWith({}), { method: 'plugin' }), 'ClusterHasNoBackupExecutorPlugin');
});

test('without its cluster a Backup waits and says so once', () => {
  const plan = decideBackup({ ...snapshot(), cluster: undefined });
  assert.equal(plan.kind === 'wait' && plan.event?.reason, 'FindingCluster');
  const again = decideBackup({ ...snapshot({ backup: backup('ondemand', { phase: 'pending' }) }), cluster: undefined });
  assert.equal(again.kind === 'wait' && again.event, undefined);
});

test('a running backup is watched', () => {
  const instanceID = { podName: 'prod-2', ContainerID: 'c-prod-2', sessionID: 's2' };
  const running = backup('ondemand', { phase: 'running', instanceID });
  const outcome = (change: Partial<BackupSnapshot>) => {
    const plan = decideBackup(snapshot({ backup: running, ...change }));
    return plan.kind === 'fail' ? plan.error : plan.kind;
  };
  assert.equal(outcome({}), 'wait');
  assert.equal(
    outcome({ sessions: new Map([['prod-2', 'other']]) }),
    'instance manager was restarted during backup on pod prod-2',
  );
  assert.equal(outcome({ pods: [pod('prod-1'), pod('prod-3')] }), 'start');
  const unhealthy = { ...clusterWith(), status: { ...clusterWith().status, instancesStatus: { healthy: ['prod-1'] } } };
  assert.match(outcome({ cluster: unhealthy }), /^while ensuring target pod is healthy/);
});
