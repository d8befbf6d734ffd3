// Reasons of the events that the operator records, by the object that they are about.

/** Component that events are recorded as. */
export const eventSource = 'cloudnative-pg';

export const clusterEvents = {
  creatingInstance: 'CreatingInstance',
  failingOver: 'FailingOver',
  failoverTarget: 'FailoverTarget',
  switchingOver: 'SwitchingOver',
  switchover: 'Switchover',
  upgradingInstance: 'UpgradingInstance',
  instanceManagerUpgraded: 'InstanceManagerUpgraded',
  instanceManagerUpgradeFailed: 'InstanceManagerUpgradeFailed',
  rolloutDelayed: 'RolloutDelayed',
  scaleDown: 'ScaleDown',
  noScaleDown: 'NoScaleDown',
  deletePod: 'DeletePod',
  deletePVCs: 'DeletePVCs',
  deleteUnrecoverableInstance: 'DeleteUnrecoverableInstance',
  majorUpgradeRollback: 'MajorUpgradeRollback',
  creatingPodDisruptionBudget: 'CreatingPodDisruptionBudget',
  updatingPodDisruptionBudget: 'UpdatingPodDisruptionBudget',
  deletingPodDisruptionBudget: 'DeletingPodDisruptionBudget',
  creatingServiceAccount: 'CreatingServiceAccount',
  updatingServiceAccount: 'UpdatingServiceAccount',
  creatingRole: 'CreatingRole',
  updatingRole: 'UpdatingRole',
  errorNoBackup: 'ErrorNoBackup',
  discoverImage: 'DiscoverImage',
  primaryStatusCheckFailed: 'PrimaryStatusCheckFailed',
  primaryLeaseConflict: 'PrimaryLeaseConflict',
  secretNotFound: 'SecretNotFound',
  secretIsExpiring: 'SecretIsExpiring',
  invalidCASecret: 'InvalidCASecret',
  serviceAccountNotFound: 'ServiceAccountNotFound',
  retentionPolicyFailed: 'RetentionPolicyFailed',
  diskSpaceLow: 'DiskSpaceLow',
  writesStopped: 'WritesStopped',
  connectionsRefused: 'ConnectionsRefused',
  diskSpaceSufficient: 'DiskSpaceSufficient',
} as const;

export const backupEvents = {
  starting: 'Starting',
  completed: 'Completed',
  failed: 'Failed',
  reStarting: 'ReStarting',
  findingPod: 'FindingPod',
  findingCluster: 'FindingCluster',
  backupPending: 'BackupPending',
  error: 'Error',
  targetPodNotHealthy: 'TargetPodNotHealthy',
  instanceManagerRestarted: 'InstanceManagerRestarted',
  clusterIsHibernated: 'ClusterIsHibernated',
  noBackupPlugin: 'ClusterHasNoBackupExecutorPlugin',
  /** The cluster has no `spec.backup`; the word is the one of the contract. */
  noBackupSection: 'ClusterHasBackupConfigured',
  noVolumeSnapshotCRD: 'ClusterHasNoVolumeSnapshotCRD',
  noVolumeSnapshotSection: 'ClusterHasNoVolumeSnapshotSection',
  noBarmanSection: 'ClusterHasNoBarmanSection',
} as const;

export const scheduledBackupEvents = {
  backupSchedule: 'BackupSchedule',
  invalidCluster: 'InvalidCluster',
  clusterNotHealthy: 'ClusterNotHealthy',
  noSchedule: 'NoSchedule',
  backupAdoptionRefused: 'BackupAdoptionRefused',
  backupCreation: 'BackupCreation',
} as const;
