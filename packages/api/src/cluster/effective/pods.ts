// Settings of the pods that hold when the cluster does not say them.
import type { SeccompProfile } from 'kubernetes-types/core/v1.d.ts';
import { annotations } from '../../names/labels.ts';
import type { Cluster } from '../kind.ts';

export const isPdbEnabled = (cluster: Cluster): boolean => cluster.spec.enablePDB ?? true;
export const isSuperuserAccessEnabled = (cluster: Cluster): boolean => cluster.spec.enableSuperuserAccess ?? false;
export const isMaintenanceInProgress = (cluster: Cluster): boolean =>
  cluster.spec.nodeMaintenanceWindow?.inProgress ?? false;
export const areClaimsReused = (cluster: Cluster): boolean => cluster.spec.nodeMaintenanceWindow?.reusePVC ?? true;
export const areVolumesResized = (cluster: Cluster): boolean => cluster.spec.storage?.resizeInUseVolumes ?? true;

export const primaryUpdateStrategy = (cluster: Cluster): 'unsupervised' | 'supervised' =>
  cluster.spec.primaryUpdateStrategy ?? 'unsupervised';
export const primaryUpdateMethod = (cluster: Cluster): 'restart' | 'switchover' =>
  cluster.spec.primaryUpdateMethod ?? 'restart';

export const postgresUid = (cluster: Cluster): number => cluster.spec.postgresUID || 26;
export const postgresGid = (cluster: Cluster): number => cluster.spec.postgresGID || 26;
export const seccompProfile = (cluster: Cluster): SeccompProfile =>
  cluster.spec.seccompProfile ?? { type: 'RuntimeDefault' };
export const coredumpFilter = (cluster: Cluster): string =>
  cluster.metadata.annotations?.[annotations.coredumpFilter] ?? '0x31';

export const topologyKey = (cluster: Cluster): string => cluster.spec.affinity?.topologyKey || 'kubernetes.io/hostname';
export const isPodAntiAffinityEnabled = (cluster: Cluster): boolean =>
  cluster.spec.affinity?.enablePodAntiAffinity ?? true;

export const isMetricsTlsEnabled = (cluster: Cluster): boolean => cluster.spec.monitoring?.tls?.enabled ?? false;
export const isPodMonitorEnabled = (cluster: Cluster): boolean => cluster.spec.monitoring?.enablePodMonitor ?? false;
