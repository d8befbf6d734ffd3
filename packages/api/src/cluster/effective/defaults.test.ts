// What holds at read time: one line for what the cluster leaves out, one for what it says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rawCluster } from '../../testing/cluster.ts';
import type { Cluster } from '../kind.ts';
import type { ClusterSpec } from '../schema/spec.ts';
import * as names from './names.ts';
import * as pods from './pods.ts';
import { areUserSlotsSynchronized } from './replication.ts';
import * as timing from './timing.ts';

type Reading = readonly [
  read: (cluster: Cluster) => unknown,
  absent: unknown,
  spec: Partial<ClusterSpec>,
  given: unknown,
];

const certificates = {
  serverCASecret: 'a',
  serverTLSSecret: 'b',
  clientCASecret: 'c',
  replicationTLSSecret: 'd',
};
const readings: readonly Reading[] = [
  [timing.stopDelay, 1800, { stopDelay: 5 }, 5],
  [timing.switchoverDelay, 3600, { switchoverDelay: 5 }, 5],
  [timing.metricsQueriesTtlMs, 30_000, { monitoring: { metricsQueriesTTL: '1m30s' } }, 90_000],
  [timing.minApplyDelay, 0, { replica: { source: 'old', enabled: true, minApplyDelay: '1999ms' } }, 1],
  [timing.minApplyDelay, 0, { replica: { source: 'old', enabled: false, minApplyDelay: '1h' } }, 0],
  [timing.failoverDelay, 0, { failoverDelay: 5 }, 5],
  [
    timing.primaryLease,
    { leaseDurationSeconds: 15, renewDeadlineSeconds: 10, retryPeriodSeconds: 2, releasedLeaseDurationSeconds: 1 },
    { primaryLease: { leaseDurationSeconds: 30 } },
    { leaseDurationSeconds: 30, renewDeadlineSeconds: 10, retryPeriodSeconds: 2, releasedLeaseDurationSeconds: 1 },
  ],
  [timing.slotUpdateInterval, 30, { replicationSlots: { updateInterval: 5 } }, 5],
  [areUserSlotsSynchronized, true, { replicationSlots: { synchronizeReplicas: { enabled: false } } }, false],
  [pods.isPdbEnabled, true, { enablePDB: false }, false],
  [pods.isSuperuserAccessEnabled, false, { enableSuperuserAccess: true }, true],
  [pods.isMaintenanceInProgress, false, { nodeMaintenanceWindow: { inProgress: true } }, true],
  [pods.areClaimsReused, true, { nodeMaintenanceWindow: { reusePVC: false } }, false],
  [pods.areVolumesResized, true, { storage: { resizeInUseVolumes: false } }, false],
  [pods.primaryUpdateStrategy, 'unsupervised', { primaryUpdateStrategy: 'supervised' }, 'supervised'],
  [pods.primaryUpdateMethod, 'restart', { primaryUpdateMethod: 'switchover' }, 'switchover'],
  [pods.postgresGid, 26, { postgresGID: 70 }, 70],
  [pods.seccompProfile, { type: 'RuntimeDefault' }, { seccompProfile: { type: 'Unconfined' } }, { type: 'Unconfined' }],
  [pods.topologyKey, 'kubernetes.io/hostname', { affinity: { topologyKey: 'zone' } }, 'zone'],
  [pods.isPodAntiAffinityEnabled, true, { affinity: { enablePodAntiAffinity: false } }, false],
  [pods.isMetricsTlsEnabled, false, { monitoring: { tls: { enabled: true } } }, true],
  [pods.isPodMonitorEnabled, false, { monitoring: { enablePodMonitor: true } }, true],
  [names.serverCASecretName, 'herd-ca', { certificates }, 'a'],
  [names.serverTLSSecretName, 'herd-server', { certificates }, 'b'],
  [names.clientCASecretName, 'herd-ca', { certificates }, 'c'],
  [names.replicationSecretName, 'herd-replication', { certificates }, 'd'],
  [names.serviceAccountName, 'herd', { serviceAccountName: 'sa' }, 'sa'],
  [
    names.serverName,
    'herd',
    { backup: { barmanObjectStore: { destinationPath: 's3://b', serverName: 'other' } } },
    'other',
  ],
];

test('what holds without and with a setting', () => {
  for (const [read, absent, spec, given] of readings) {
    assert.deepEqual(read(rawCluster()), absent, read.name);
    assert.deepEqual(read(rawCluster({ spec })), given, read.name);
  }
});

test('names that are not a choice', () => {
  const cluster = rawCluster();
  const { pullSecretName, readWriteServiceName, readOnlyServiceName, readServiceName, anyServiceName } = names;
  assert.deepEqual(
    [pullSecretName, readWriteServiceName, readOnlyServiceName, readServiceName, anyServiceName].map((name) =>
      name(cluster),
    ),
    ['herd-pull-secret', 'herd-rw', 'herd-ro', 'herd-r', 'herd-any'],
  );
  assert.equal(names.instanceSelector(cluster), 'cnpg.io/cluster=herd,cnpg.io/podRole=instance');
  assert.equal(names.extensionVolumeName('pg_vector'), 'ext-pg-vector');
  assert.equal(names.externalServerName({ name: 'old' }), 'old');
});
