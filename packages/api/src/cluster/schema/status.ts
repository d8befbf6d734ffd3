import { extension } from '../../common/extensions.ts';
import { condition } from '../../kubernetes/index.ts';
import { array, boolean, integer, map, object, required, type Static, string } from '../../schema/nodes.ts';
import { certificateFields } from './certificates.ts';

const names = (description: string) => array(string(), description);
const texts = (description: string) => map(string(), description);
const count = (description: string) => integer(description, { format: 'int32' });

const images = {
  image: string('Image that the instances should run.'),
  pgDataImageInfo: object('Image that last wrote the data.', {
    extensions: array(extension, 'Its extensions.'),
    image: required(string('The image.')),
    majorVersion: required(integer('Its major version of PostgreSQL.')),
  }),
  targetPgDataImageInfo: object('Image that a major upgrade goes to.', {
    extensions: array(extension, 'Its extensions.'),
    image: required(string('The image.')),
    majorVersion: required(integer('Its major version of PostgreSQL.')),
  }),
};

const operator = {
  availableArchitectures: array(
    object('An architecture that the operator has an instance manager for.', {
      goArch: required(string('Name of the architecture.')),
      hash: required(string('Hash of the instance manager.')),
    }),
    'Architectures that the operator has an instance manager for.',
  ),
  cloudNativePGCommitHash: string('Commit that the operator was built from.'),
  cloudNativePGOperatorHash: string('Hash of the instance manager of the operator.'),
  onlineUpdateEnabled: boolean('Whether instance managers are updated in place.'),
  operatorCertificateFingerprint: string('Hash of the public key that the operator shows to the instances.'),
  pluginStatus: array(
    object('What a plugin said about itself.', {
      backupCapabilities: names('What it can do for backups.'),
      capabilities: names('Its capabilities.'),
      name: required(string('Its name.')),
      operatorCapabilities: names('What it can do in the operator.'),
      restoreJobHookCapabilities: names('What it can do in a restore.'),
      status: string('Its own status of this cluster, JSON.'),
      version: required(string('Its version.')),
      walCapabilities: names('What it can do for WAL.'),
    }),
    'Plugins that take part.',
  ),
};

const objects = {
  certificates: object('Secrets with certificates that are in use.', {
    ...certificateFields,
    expirations: texts('When the certificate of each secret ends.'),
  }),
  configMapResourceVersion: object('Versions of the ConfigMaps in use.', {
    metrics: texts('ConfigMaps with metric queries.'),
  }),
  danglingPVC: names('Volume claims of instances without a pod.'),
  healthyPVC: names('Volume claims in use.'),
  initializingPVC: names('Volume claims that a job fills.'),
  jobCount: count('Number of jobs.'),
  poolerIntegrations: object('Poolers that reach this cluster.', {
    pgBouncerIntegration: object('PgBouncer.', { secrets: names('Secrets that its authentication uses.') }),
  }),
  pvcCount: count('Number of volume claims.'),
  readService: string('Service that reaches all instances.'),
  resizingPVC: names('Volume claims that are growing.'),
  secretsResourceVersion: object('Versions of the Secrets in use.', {
    applicationSecretVersion: string('Credentials of the application owner.'),
    barmanEndpointCA: string('CA of the object store.'),
    caSecretVersion: string('CA, in the older form with one CA.'),
    clientCaSecretVersion: string('CA of the clients.'),
    externalClusterSecretVersion: texts('Secrets of external clusters.'),
    managedRoleSecretVersion: texts('Passwords of managed roles.'),
    metrics: texts('Secrets with metric queries.'),
    replicationSecretVersion: string('Client certificate of streaming_replica.'),
    serverCaSecretVersion: string('CA of the server.'),
    serverSecretVersion: string('Certificate of the server.'),
    superuserSecretVersion: string('Credentials of postgres.'),
  }),
  unusablePVC: names('Volume claims of instances that lack another claim.'),
  writeService: string('Service that reaches the primary.'),
};

const instances = {
  currentPrimary: string('The instance that is the primary.'),
  currentPrimaryFailingSinceTimestamp: string('Since when the primary is unhealthy.'),
  currentPrimaryTimestamp: string('Since when it is the primary.'),
  instanceNames: names('Names of the instances.'),
  instances: integer('Number of instances that there are.'),
  instancesReportedState: map(
    object('What an instance said.', {
      ip: string('Its address.'),
      isPrimary: required(boolean('Whether it is a primary.')),
      timeLineID: integer('Its timeline.'),
    }),
    'What each instance said last.',
  ),
  instancesStatus: map(array(string()), 'Names of the instances by health.'),
  latestGeneratedNode: integer('Number of the newest instance. No longer kept.'),
  podSelectorRefs: array(
    object('Addresses of a group of pods.', {
      ips: names('The addresses.'),
      name: required(string('Name of the group.')),
    }),
    'Addresses of the pods that pg_hba lines name.',
    { listType: 'map', listMapKeys: ['name'] },
  ),
  readyInstances: integer('Number of instances that are ready.'),
  selector: string('Selector of the pods, for the scale subresource.'),
  systemID: string('System identifier of the data, when all instances agree.'),
  targetPrimary: string('The instance that should be the primary.'),
  targetPrimaryTimestamp: string('Since when it should be the primary.'),
  timelineID: integer('Timeline of the primary.'),
  topology: object('Where the instances run.', {
    instances: map(map(string()), 'Node labels of each instance.'),
    nodesUsed: count('Number of nodes in use.'),
    successfullyExtracted: boolean('Whether the labels could be read.'),
  }),
};

const database = {
  demotionToken: string('Token for the promotion of another cluster.'),
  firstRecoverabilityPoint: string('Earliest time that a recovery can reach.'),
  firstRecoverabilityPointByMethod: map(string(undefined, { format: 'date-time' }), 'The same, by method of backup.'),
  lastFailedBackup: string('When the last failed backup ended.'),
  lastPromotionToken: string('The token of the last promotion.'),
  lastSuccessfulBackup: string('When the last good backup ended.'),
  lastSuccessfulBackupByMethod: map(string(undefined, { format: 'date-time' }), 'The same, by method of backup.'),
  managedRolesStatus: object('State of the managed roles.', {
    byStatus: map(array(string()), 'Names of the roles by state.'),
    cannotReconcile: map(array(string()), 'Errors by role.'),
    passwordStatus: map(
      object('Last change of a password.', {
        resourceVersion: string('Version of the Secret.'),
        transactionID: integer('Transaction that set it.', { format: 'int64' }),
      }),
      'Last change of each password.',
    ),
  }),
  switchReplicaClusterStatus: object('Change between primary and replica cluster.', {
    inProgress: boolean('Whether such a change goes on.'),
  }),
  tablespacesStatus: array(
    object('State of a tablespace.', {
      error: string('Why it could not be made as described.'),
      name: required(string('Its name.')),
      owner: string('Its owner.'),
      state: required(string('reconciled or pending.')),
    }),
    'State of the tablespaces.',
  ),
};

export const clusterStatus = object('What the cluster is.', {
  ...images,
  ...operator,
  ...objects,
  ...instances,
  ...database,
  conditions: array(condition, 'Conditions of the cluster.'),
  phase: string('What is going on, in words.'),
  phaseReason: string('Why.'),
});
export type ClusterStatus = Static<typeof clusterStatus>;
export type PluginStatus = NonNullable<ClusterStatus['pluginStatus']>[number];
export type TablespaceState = NonNullable<ClusterStatus['tablespacesStatus']>[number];
export type ImageInfo = NonNullable<ClusterStatus['pgDataImageInfo']>;
export type InstanceReportedState = NonNullable<ClusterStatus['instancesReportedState']>[string];
