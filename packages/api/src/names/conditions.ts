// Condition types with their reasons and fixed messages.

export const conditionTypes = {
  ready: 'Ready',
  continuousArchiving: 'ContinuousArchiving',
  lastBackupSucceeded: 'LastBackupSucceeded',
  consistentSystemID: 'ConsistentSystemID',
  initialized: 'Initialized',
  syncReplicationTopologySatisfied: 'SyncReplicationTopologySatisfied',
  hibernation: 'cnpg.io/hibernation',
  diskSpace: 'DiskSpace',
  replicaClusterDesignatedPrimaryTransition: 'ReplicaClusterDesignatedPrimaryTransition',
  replicaClusterFencing: 'ReplicaClusterFencing',
  replicaClusterSwitch: 'ReplicaClusterSwitch',
} as const;
export type ConditionType = (typeof conditionTypes)[keyof typeof conditionTypes];

export const conditionReasons = {
  clusterIsReady: 'ClusterIsReady',
  clusterIsNotReady: 'ClusterIsNotReady',
  continuousArchivingSuccess: 'ContinuousArchivingSuccess',
  continuousArchivingFailing: 'ContinuousArchivingFailing',
  lastBackupSucceeded: 'LastBackupSucceeded',
  backupStarted: 'BackupStarted',
  lastBackupFailed: 'LastBackupFailed',
  systemIDUnique: 'Unique',
  systemIDNotFound: 'NotFound',
  systemIDMismatch: 'Mismatch',
  bootstrapCompleted: 'BootstrapCompleted',
  bootstrapPending: 'BootstrapPending',
  topologySatisfied: 'Satisfied',
  topologyNotExtracted: 'TopologyNotExtracted',
  insufficientCrossDomainReplicas: 'InsufficientCrossDomainReplicas',
  diskSpaceSufficient: 'DiskSpaceSufficient',
  diskSpaceLow: 'DiskSpaceLow',
  writesStopped: 'WritesStopped',
  connectionsRefused: 'ConnectionsRefused',
  hibernated: 'Hibernated',
  waitingForHealthy: 'WaitingForHealthy',
  deletingPods: 'DeletingPods',
  waitingPodsDeletion: 'WaitingPodsDeletion',
  replicaClusterAfterCreation: 'ReplicaClusterAfterCreation',
  replicaEnabledSetTrue: 'ReplicaEnabledSetTrue',
  transitionCompleted: 'TransitionCompleted',
} as const;
export type ConditionReason = (typeof conditionReasons)[keyof typeof conditionReasons];

export const conditionMessages = {
  clusterIsReady: 'Cluster is Ready',
  clusterIsNotReady: 'Cluster Is Not Ready',
  continuousArchivingSuccess: 'Continuous archiving is working',
  lastBackupSucceeded: 'Backup was successful',
  backupStarted: 'New Backup starting up',
  bootstrapCompleted: 'Cluster has been bootstrapped',
  diskSpaceSufficient: 'Every volume has space',
  hibernated: 'Cluster has been hibernated',
  deletingPods: 'Hibernation is in progress',
} as const;
