// Labels, annotations and finalizers that are part of the contract with users, tools and other operators.

const metadataNamespace = 'cnpg.io';
const key = <const N extends string>(name: N) => `${metadataNamespace}/${name}` as const;

export const labels = {
  cluster: key('cluster'),
  instanceName: key('instanceName'),
  podRole: key('podRole'),
  instanceRole: key('instanceRole'),
  /** The older name of instanceRole, still written. */
  role: 'role',
  jobRole: key('jobRole'),
  pvcRole: key('pvcRole'),
  tablespaceName: key('tablespaceName'),
  poolerName: key('poolerName'),
  backupName: key('backupName'),
  backupDate: key('backupDate'),
  backupMonth: key('backupMonth'),
  backupYear: key('backupYear'),
  backupTimeline: key('backupTimeline'),
  majorVersion: key('majorVersion'),
  immediateBackup: key('immediateBackup'),
  scheduledBackup: key('scheduled-backup'),
  reload: key('reload'),
  userType: key('userType'),
  isManaged: key('isManaged'),
  pluginName: key('pluginName'),
  appName: 'app.kubernetes.io/name',
  appInstance: 'app.kubernetes.io/instance',
  appVersion: 'app.kubernetes.io/version',
  appComponent: 'app.kubernetes.io/component',
  appManagedBy: 'app.kubernetes.io/managed-by',
} as const;

export const annotations = {
  operatorVersion: key('operatorVersion'),
  nodeSerial: key('nodeSerial'),
  podSpec: key('podSpec'),
  podEnvHash: key('podEnvHash'),
  podPatch: key('podPatch'),
  pvcStatus: key('pvcStatus'),
  fencedInstances: key('fencedInstances'),
  hibernation: key('hibernation'),
  reconciliationLoop: key('reconciliationLoop'),
  reconcilePodSpec: key('reconcilePodSpec'),
  reloadedAt: key('reloadedAt'),
  restartedAt: 'kubectl.kubernetes.io/restartedAt',
  skipWalArchiving: key('skipWalArchiving'),
  skipEmptyWalArchiveCheck: key('skipEmptyWalArchiveCheck'),
  forceLegacyBackup: key('forceLegacyBackup'),
  coredumpFilter: key('coredumpFilter'),
  validation: key('validation'),
  hash: key('hash'),
  poolerSpecHash: key('poolerSpecHash'),
  managedSecrets: key('managedSecrets'),
  updateStrategy: key('updateStrategy'),
  lastAppliedSpec: key('lastAppliedSpec'),
  passwordPassthrough: key('passwordPassthrough'),
  clusterManifest: key('clusterManifest'),
  pgControldata: key('pgControldata'),
  hibernateClusterManifest: key('hibernateClusterManifest'),
  hibernatePgControlData: key('hibernatePgControlData'),
  backupStartWAL: key('backupStartWAL'),
  backupEndWAL: key('backupEndWAL'),
  backupStartTime: key('backupStartTime'),
  backupEndTime: key('backupEndTime'),
  backupLabelFile: key('backupLabelFile'),
  backupTablespaceMapFile: key('backupTablespaceMapFile'),
  snapshotStartTime: key('snapshotStartTime'),
  snapshotEndTime: key('snapshotEndTime'),
  onlineBackup: key('onlineBackup'),
  volumeSnapshotDeadline: key('volumeSnapshotDeadline'),
  pluginClientSecret: key('pluginClientSecret'),
  pluginServerSecret: key('pluginServerSecret'),
  pluginPort: key('pluginPort'),
  pluginServerName: key('pluginServerName'),
  unrecoverable: 'alpha.cnpg.io/unrecoverable',
  livenessPinger: 'alpha.cnpg.io/livenessPinger',
  failoverQuorum: 'alpha.cnpg.io/failoverQuorum',
  enableInstancePprof: 'alpha.cnpg.io/enableInstancePprof',
} as const;

/** What the holder of the primary Lease adds to it for those who may replace it. */
export const leaseAnnotations = {
  /** JSON list of the instances whose votes may count for the holder. */
  electorate: 'matriarch.dev/electorate',
  /** Place of the checkpoint with which the last primary shut down. */
  finalLsn: 'matriarch.dev/finalLsn',
  /** The instance that last was, or was about to become, the primary. */
  lastPrimary: 'matriarch.dev/lastPrimary',
} as const;

export const finalizers = {
  deleteDatabase: key('deleteDatabase'),
  deletePublication: key('deletePublication'),
  deleteSubscription: key('deleteSubscription'),
  deleteRole: key('deleteRole'),
  /** Left on plugin Services by older operators; only ever taken off. */
  cleanupPlugin: key('cleanupPlugin'),
} as const;

/** Values of labels that stand for a role. */
export const roles = {
  pod: { instance: 'instance', pooler: 'pooler' },
  instance: { primary: 'primary', replica: 'replica', unhealthy: 'unhealthy' },
  pvc: { data: 'PG_DATA', wal: 'PG_WAL', tablespace: 'PG_TABLESPACE' },
  job: {
    import: 'import',
    initdb: 'initdb',
    pgbasebackup: 'pgbasebackup',
    fullRecovery: 'full-recovery',
    join: 'join',
    snapshotRecovery: 'snapshot-recovery',
    majorUpgrade: 'major-upgrade',
  },
  user: { superuser: 'superuser', app: 'app' },
} as const;

/** Values of the annotation `cnpg.io/pvcStatus`. */
export const pvcStatus = { initializing: 'initializing', ready: 'ready', detached: 'detached' } as const;
