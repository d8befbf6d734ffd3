// The custom resources of postgresql.cnpg.io/v1.

export {
  type BackupTarget,
  backupsInOrder,
  backupTarget,
  isBackupDone,
  isOnlineBackup,
  isRunByInstance,
  onlineSettings,
  snapshotDeadlineSeconds,
} from './backup/effective.ts';
export { type Backup, type BackupSpec, backupKind } from './backup/kind.ts';
export type { BackupStatus, SnapshotElement } from './backup/status.ts';
export { validateBackup } from './backup/validation.ts';
export {
  type CatalogImage,
  type ClusterImageCatalog,
  clusterImageCatalogKind,
  type ImageCatalog,
  type ImageCatalogSpec,
  imageCatalogKind,
} from './catalog/kind.ts';
export { defaultCluster, defaultOldCluster } from './cluster/defaults/cluster.ts';
export { imageTag, imageVersion, postgresMajor, type Version } from './cluster/effective/image.ts';
export { leavesNoMajority, majority } from './cluster/effective/majority.ts';
export {
  anyServiceName,
  applicationSecretName,
  clientCASecretName,
  extensionVolumeName,
  externalServerName,
  instanceSelector,
  isServiceEnabled,
  poolerAuthSecretName,
  pullSecretName,
  readOnlyServiceName,
  readServiceName,
  readWriteServiceName,
  replicationSecretName,
  serverAltDnsNames,
  serverCASecretName,
  serverName,
  serverTLSSecretName,
  serviceAccountName,
  superuserSecretName,
  tablespaceVolumeName,
} from './cluster/effective/names.ts';
export {
  areClaimsReused,
  areVolumesResized,
  coredumpFilter,
  isMaintenanceInProgress,
  isMetricsTlsEnabled,
  isPdbEnabled,
  isPodAntiAffinityEnabled,
  isPodMonitorEnabled,
  isSuperuserAccessEnabled,
  postgresGid,
  postgresUid,
  primaryUpdateMethod,
  primaryUpdateStrategy,
  seccompProfile,
  topologyKey,
} from './cluster/effective/pods.ts';
export {
  areHighAvailabilitySlotsEnabled,
  areSlotsManaged,
  areUserSlotsSynchronized,
  failureDomainKeys,
  isOtherDomain,
  isPluginEnabled,
  isQuorumPublished,
  slotName,
  slotPrefix,
  walArchiverPlugin,
} from './cluster/effective/replication.ts';
export {
  type ApplicationDatabase,
  applicationDatabase,
  defaultOwner,
  externalCluster,
  isApplicationSecretGenerated,
  isInitialized,
  isPromotionPending,
  isReplicaCluster,
} from './cluster/effective/roles.ts';
export {
  failoverDelay,
  metricsQueriesTtlMs,
  minApplyDelay,
  type ProbeTiming,
  primaryLease,
  probeTiming,
  promotionTimeout,
  restartTimeout,
  slotUpdateInterval,
  smartShutdownTimeout,
  startDelay,
  stopDelay,
  switchoverDelay,
} from './cluster/effective/timing.ts';
export { type Cluster, clusterKind } from './cluster/kind.ts';
export {
  archiveMode,
  effectiveParameters,
  enabledManagedExtensions,
  type Parameters,
  preloadLibraries,
  userParameters,
} from './cluster/parameters/merge.ts';
export {
  defaultParameters,
  fixedParameters,
  hotStandbySensitiveParameters,
  type ManagedExtension,
  managedExtensions,
} from './cluster/parameters/tables.ts';
export type { BackupConfiguration, OnlineConfiguration, VolumeSnapshotConfiguration } from './cluster/schema/backup.ts';
export type {
  Bootstrap,
  BootstrapInitDB,
  BootstrapPgBaseBackup,
  BootstrapRecovery,
  Import,
  RecoveryTarget,
} from './cluster/schema/bootstrap.ts';
export type { ExternalCluster } from './cluster/schema/external.ts';
export type {
  ManagedConfiguration,
  ManagedRole,
  ManagedService,
  ServiceSelectorType,
  ServiceTemplate,
} from './cluster/schema/managed.ts';
export type { MonitoringConfiguration } from './cluster/schema/monitoring.ts';
export type {
  LdapConfiguration,
  PostgresConfiguration,
  SynchronousConfiguration,
} from './cluster/schema/postgresql.ts';
export type { IsolationCheck, Probes, StrategicProbe } from './cluster/schema/probes.ts';
export type { PrimaryLease, ReplicaCluster, ReplicationSlots } from './cluster/schema/replication.ts';
export type { AffinityConfiguration } from './cluster/schema/scheduling.ts';
export type { ClusterSpec } from './cluster/schema/spec.ts';
export type {
  ClusterStatus,
  ImageInfo,
  InstanceReportedState,
  PluginStatus,
  TablespaceState,
} from './cluster/schema/status.ts';
export type { DataSource, StorageConfiguration, Tablespace } from './cluster/schema/storage.ts';
export { type PodBuilder, validateCluster, validateClusterUpdate } from './cluster/validation/cluster.ts';
export { type PromotionToken, parsePromotionToken } from './cluster/validation/replica.ts';
export { volumeSize } from './cluster/validation/storage.ts';
export { clusterWarnings } from './cluster/validation/warnings.ts';
export type { Extension } from './common/extensions.ts';
export type {
  AzureCredentials,
  BarmanObjectStore,
  GoogleCredentials,
  S3Credentials,
} from './common/objectStore.ts';
export type {
  KeySelector,
  LocalReference,
  PluginConfiguration,
  Relabeling,
  TemplateMetadata,
} from './common/references.ts';
export { type CustomResourceDefinition, crds, kinds } from './crds.ts';
export { type Database, databaseKind } from './database/kind.ts';
export type {
  DatabaseExtension,
  DatabaseOption,
  DatabasePartStatus,
  DatabaseSchema,
  DatabaseSpec,
  DatabaseStatus,
  DatabaseUsage,
  ForeignDataWrapper,
  ForeignServer,
} from './database/schema.ts';
export { validateDatabase } from './database/validation.ts';
export { clientCertificateSecretName, isClientCertificateEnabled } from './databaserole/effective.ts';
export {
  type DatabaseRole,
  type DatabaseRoleSpec,
  type DatabaseRoleStatus,
  databaseRoleKind,
} from './databaserole/kind.ts';
export { type FailoverQuorum, type FailoverQuorumStatus, failoverQuorumKind } from './failoverquorum/kind.ts';
export type { ImageVolumeSource } from './kubernetes/index.ts';
export {
  type ConditionReason,
  type ConditionType,
  conditionMessages,
  conditionReasons,
  conditionTypes,
} from './names/conditions.ts';
export {
  type ApiConfig,
  databaseUsers,
  defaultApiConfig,
  defaultImages,
  defaultMonitoringKey,
  defaultMonitoringName,
  operatorCommit,
  operatorVersion,
} from './names/defaults.ts';
export { backupEvents, clusterEvents, eventSource, scheduledBackupEvents } from './names/events.ts';
export { annotations, finalizers, labels, leaseAnnotations, pvcStatus, roles } from './names/labels.ts';
export { goArch, managerFiles, managerHashFile } from './names/manager.ts';
export { type BackupPhase, backupPhases, type ClusterPhase, clusterPhases, poolerPhases } from './names/phases.ts';
export {
  authQuery,
  defaultAuthQuery,
  isAutomaticIntegration,
  isPaused,
  isPoolerMetricsTlsEnabled,
  type PoolerSecretNames,
  poolerSecretNames,
  poolerServiceAccountName,
} from './pooler/effective.ts';
export { type Pooler, type PoolerSpec, poolerKind } from './pooler/kind.ts';
export { pgbouncerParameters } from './pooler/parameters.ts';
export type { PgBouncerConfiguration } from './pooler/pgbouncer.ts';
export type { PoolerStatus } from './pooler/status.ts';
export { poolerWarnings, validatePooler } from './pooler/validation.ts';
export {
  type Publication,
  type PublicationObject,
  type PublicationSpec,
  type PublicationStatus,
  publicationKind,
} from './publication/kind.ts';
export { apiReference } from './reference.ts';
export { type Calendar, localCalendar, utcCalendar } from './schedule/calendar.ts';
export { nextAfter, parseSchedule, type Schedule, type ScheduleResult } from './schedule/schedule.ts';
export {
  type ScheduledBackup,
  type ScheduledBackupSpec,
  type ScheduledBackupStatus,
  scheduledBackupKind,
} from './scheduledbackup/kind.ts';
export { scheduledBackupWarnings, validateScheduledBackup } from './scheduledbackup/validation.ts';
export type { JsonSchema } from './schema/jsonSchema.ts';
export type { ClusterScopedMeta, KindDefinition, NamespacedMeta } from './schema/kind.ts';
export { apiGroup, apiVersion } from './schema/kind.ts';
export {
  type Subscription,
  type SubscriptionSpec,
  type SubscriptionStatus,
  subscriptionKind,
} from './subscription/kind.ts';
export { type Admitted, applyDefaults, type Guarded, guard, type Verdict, validate } from './validation/admission.ts';
export {
  describe,
  type FieldError,
  type FieldErrorKind,
  guardMessage,
  invalidStatus,
  type StatusCause,
  statusCauses,
} from './validation/errors.ts';
export { durationMs, durationSeconds, parseDuration } from './values/duration.ts';
export { applyJsonPatch, type PatchOperation, parseJsonPatch } from './values/jsonPatch.ts';
export { parseGoBoolean, parsePostgresBoolean, parsePostgresSize } from './values/postgres.ts';
export { parseQuantity, type Quantity, quantityBytes, quantityValue } from './values/quantity.ts';
export { recoveryTargetTime } from './values/recoveryTime.ts';
