// Phases, condition types and reasons, event reasons: the exact words that users and tools look for.

export const clusterPhases = {
  switchover: 'Switchover in progress',
  failOver: 'Failing over',
  firstPrimary: 'Setting up primary',
  creatingReplica: 'Creating a new replica',
  upgrade: 'Upgrading cluster',
  majorUpgrade: 'Upgrading Postgres major version',
  upgradeDelayed: 'Cluster upgrade delayed',
  waitingForUser: 'Waiting for user action',
  inplacePrimaryRestart: 'Primary instance is being restarted in-place',
  primaryRestart: 'Primary instance is being restarted without a switchover',
  healthy: 'Cluster in healthy state',
  unknownPlugin: 'Cluster cannot proceed to reconciliation due to an unknown plugin being required',
  failedPlugin: 'Cluster cannot proceed to reconciliation due to an error while interacting with plugins',
  imageCatalogError: 'Cluster has incomplete or invalid image catalog',
  unrecoverable: 'Cluster is unrecoverable and needs manual intervention',
  architectureMissing: 'Cluster cannot execute instance online upgrade due to missing architecture binary',
  waitingForInstances: 'Waiting for the instances to become active',
  onlineUpgrade: 'Online upgrade in progress',
  applyingConfiguration: 'Applying configuration',
  promotingToPrimaryCluster: 'Promoting to primary cluster',
  cannotCreateObjects: 'Unable to create required cluster objects',
  invalid: 'Invalid cluster definition',
  notEnoughDiskSpace: 'Not enough disk space',
  statusExtractionError: 'Instance Status Extraction Error: HTTP communication issue',
} as const;
export type ClusterPhase = (typeof clusterPhases)[keyof typeof clusterPhases];

export const backupPhases = {
  pending: 'pending',
  started: 'started',
  running: 'running',
  finalizing: 'finalizing',
  completed: 'completed',
  failed: 'failed',
  walArchivingFailing: 'walArchivingFailing',
  invalid: 'invalid backup definition',
} as const;
export type BackupPhase = (typeof backupPhases)[keyof typeof backupPhases];

export const poolerPhases = { active: 'active', paused: 'paused', inactive: 'inactive', failed: 'failed' } as const;
