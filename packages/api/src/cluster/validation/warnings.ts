// What is allowed and should still be looked at.
import { conditionTypes } from '../../names/conditions.ts';
import { isSet } from '../../validation/errors.ts';
import { parseDuration } from '../../values/duration.ts';
import { failureDomainKeys } from '../effective/replication.ts';
import { isReplicaCluster } from '../effective/roles.ts';
import type { Cluster } from '../kind.ts';
import { userParameters } from '../parameters/merge.ts';
import type { StorageConfiguration } from '../schema/storage.ts';

type Warning = (cluster: Cluster) => readonly string[];
const when = (condition: boolean, text: string) => (condition ? [text] : []);

const maintenanceWindow: Warning = ({ spec }) =>
  when(
    spec.nodeMaintenanceWindow !== undefined,
    'spec.nodeMaintenanceWindow: consider spec.enablePDB instead, which also covers drains that nobody announced',
  );

const inTreeObjectStore: Warning = ({ spec }) => {
  const paths = [
    ...(spec.backup?.barmanObjectStore === undefined ? [] : ['spec.backup.barmanObjectStore']),
    ...(spec.externalClusters ?? []).flatMap((external, index) =>
      external.barmanObjectStore === undefined ? [] : [`spec.externalClusters.${index}.barmanObjectStore`],
    ),
  ];
  const text =
    'the built-in support of object stores is deprecated and is announced to end with 1.31.0; see the plugin';
  return when(paths.length > 0, `${paths.join(', ')}: ${text}`);
};

const retentionWithoutStore: Warning = ({ spec: { backup } }) =>
  when(
    isSet(backup?.retentionPolicy) && backup.barmanObjectStore === undefined,
    'spec.backup.retentionPolicy: has no effect without spec.backup.barmanObjectStore',
  );

function storageWarnings(path: string, storage: StorageConfiguration | undefined): string[] {
  const { size, storageClass, pvcTemplate } = storage ?? {};
  return [
    ...when(
      isSet(storageClass) && isSet(pvcTemplate?.storageClassName),
      `${path}: storageClass is used, and pvcTemplate.storageClassName is not; give only one of them`,
    ),
    ...when(
      isSet(size) && pvcTemplate?.resources?.requests?.storage !== undefined,
      `${path}: size is used, and the storage request in pvcTemplate is not; give only one of them`,
    ),
  ];
}

const storageTwice: Warning = ({ spec }) => [
  ...storageWarnings('spec.storage', spec.storage),
  ...storageWarnings('spec.walStorage', spec.walStorage),
];

const sharedBuffersUnit: Warning = (cluster) => {
  const value = userParameters(cluster).shared_buffers ?? '';
  return when(
    /^\d+$/.test(value),
    `spec.postgresql.parameters.shared_buffers: "${value}" counts pages of 8kB; write a unit, such as 512MB`,
  );
};

const queriesEveryTime: Warning = ({ spec }) =>
  when(
    parseDuration(spec.monitoring?.metricsQueriesTTL ?? '') === 0n,
    'spec.monitoring.metricsQueriesTTL: with 0 all queries run at every scrape, which may load the database',
  );

const podMonitor: Warning = ({ spec: { monitoring } }) => [
  ...when(
    monitoring?.enablePodMonitor === true,
    'spec.monitoring.enablePodMonitor: is deprecated; make a PodMonitor yourself',
  ),
  ...(['podMonitorMetricRelabelings', 'podMonitorRelabelings'] as const).flatMap((field) =>
    when(
      (monitoring?.[field] ?? []).length > 0,
      `spec.monitoring.${field}: is deprecated; put the relabeling into a PodMonitor of your own`,
    ),
  ),
];

const noSynchronousReplication: Warning = (cluster) => {
  const { instances, postgresql, minSyncReplicas = 0 } = cluster.spec;
  const isAsynchronous = postgresql?.synchronous === undefined && minSyncReplicas === 0;
  return when(
    instances > 1 && !isReplicaCluster(cluster) && isAsynchronous,
    'spec.postgresql.synchronous: is not set; a failover may lose the last commits, as replication is asynchronous',
  );
};

const topologyNotSatisfied: Warning = (cluster) => {
  const type = conditionTypes.syncReplicationTopologySatisfied;
  const condition = cluster.status?.conditions?.find((candidate) => candidate.type === type);
  return when(
    failureDomainKeys(cluster) !== undefined && condition?.status === 'False',
    `spec.postgresql.synchronous: the instances do not lie in enough failure domains (${condition?.reason ?? ''})`,
  );
};

const warnings: readonly Warning[] = [
  maintenanceWindow,
  inTreeObjectStore,
  retentionWithoutStore,
  storageTwice,
  sharedBuffersUnit,
  queriesEveryTime,
  podMonitor,
  noSynchronousReplication,
  topologyNotSatisfied,
];

/** Warnings about a cluster that is admitted (or refused for other reasons). */
export const clusterWarnings: Warning = (cluster) => warnings.flatMap((warning) => warning(cluster));
