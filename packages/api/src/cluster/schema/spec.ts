import { localReference, objectMetadata, pluginConfiguration, serviceAccountName } from '../../common/references.ts';
import {
  envFromSource,
  envVar,
  ephemeralVolumeSource,
  labelSelector,
  podSecurityContext,
  projectedVolumeSource,
  resourceRequirements,
  seccompProfile,
  securityContext,
  topologySpreadConstraint,
} from '../../kubernetes/index.ts';
import { array, as, boolean, integer, map, object, required, type Static, string } from '../../schema/nodes.ts';
import { backupConfiguration } from './backup.ts';
import { bootstrap } from './bootstrap.ts';
import { certificateFields } from './certificates.ts';
import { externalClusters } from './external.ts';
import { managed } from './managed.ts';
import { monitoring } from './monitoring.ts';
import { postgresql } from './postgresql.ts';
import { probes } from './probes.ts';
import { primaryLease, replica, replicationSlots } from './replication.ts';
import { affinity } from './scheduling.ts';
import { ephemeralVolumesSizeLimit, storageConfiguration, tablespaces, walStorage } from './storage.ts';

const seconds = (description: string, value: number) => integer(description, { default: value, format: 'int32' });
const id = (description: string) => integer(description, { default: 26, format: 'int64' });

const imageCatalogRef = object(
  'The image catalog that names the image, instead of imageName.',
  {
    apiGroup: string('Group of the catalog: postgresql.cnpg.io.'),
    kind: required(string('ImageCatalog or ClusterImageCatalog.')),
    major: required(integer('Major version of PostgreSQL to take from the catalog.')),
    name: required(string('Name of the catalog.')),
  },
  {
    mapType: 'atomic',
    rules: [
      {
        rule: "self.kind == 'ImageCatalog' || self.kind == 'ClusterImageCatalog'",
        message: 'Only image catalogs are supported',
      },
      { rule: "self.apiGroup == 'postgresql.cnpg.io'", message: 'Only image catalogs are supported' },
    ],
  },
);

const podSelectorRef = object('Pods whose addresses pg_hba lines can name.', {
  name: required(
    string('Name by which pg_hba lines refer to it.', { minLength: 1, pattern: '^[a-z]([a-z0-9_-]*[a-z0-9])?$' }),
  ),
  selector: required(as(labelSelector, 'Labels of the pods.')),
});

const image = {
  imageCatalogRef,
  imageName: string('Image of PostgreSQL; its tag must begin with the version.'),
  imagePullPolicy: string('When the image is pulled: Always, IfNotPresent or Never.'),
  imagePullSecrets: array(as(localReference, 'A pull secret.'), 'Secrets with credentials for the image registry.'),
};

const contents = {
  backup: backupConfiguration,
  bootstrap,
  externalClusters,
  managed,
  monitoring,
  plugins: array(pluginConfiguration, 'CNPG-I plugins that take part.'),
  postgresql,
  replica,
  replicationSlots,
};

const storage = {
  ephemeralVolumeSource: as(ephemeralVolumeSource, 'Source of the volume for temporary files.'),
  ephemeralVolumesSizeLimit,
  storage: storageConfiguration,
  tablespaces,
  walStorage,
};

const security = {
  certificates: object('Secrets with certificates, where the operator shall not make them.', certificateFields),
  enableSuperuserAccess: boolean('Give the role postgres a password and keep it in a Secret.', { default: false }),
  podSecurityContext: as(podSecurityContext, 'Security context of the pods.'),
  postgresGID: id('Group id of PostgreSQL in the image.'),
  postgresUID: id('User id of PostgreSQL in the image.'),
  seccompProfile: as(seccompProfile, 'Seccomp profile of the pods. Empty: RuntimeDefault.'),
  securityContext: as(securityContext, 'Security context of the containers.'),
  superuserSecret: as(localReference, 'Secret with the password of postgres; one is made otherwise.'),
};

const pods = {
  affinity,
  env: array(envVar, 'Environment variables of the PostgreSQL container.'),
  envFrom: array(envFromSource, 'Sources of environment variables of the PostgreSQL container.'),
  inheritedMetadata: object('Metadata that all objects of the cluster get.', {
    annotations: map(string(), 'Annotations.'),
    labels: map(string(), 'Labels.'),
  }),
  podSelectorRefs: array(podSelectorRef, 'Groups of pods whose addresses pg_hba lines can name.', {
    listType: 'map',
    listMapKeys: ['name'],
  }),
  priorityClassName: string('Priority class of the pods.'),
  probes,
  projectedVolumeTemplate: as(projectedVolumeSource, 'Files to mount at /projected.'),
  resources: as(resourceRequirements, 'Resources of the PostgreSQL container.'),
  schedulerName: string('Scheduler of the pods.'),
  serviceAccountName,
  serviceAccountTemplate: object('Metadata of the ServiceAccount of the cluster.', {
    metadata: required(objectMetadata),
  }),
  topologySpreadConstraints: array(topologySpreadConstraint, 'How the pods are spread.'),
};

const lifecycle = {
  description: string('A description for people.'),
  enablePDB: boolean('Make PodDisruptionBudgets.', { default: true }),
  failoverDelay: seconds('Seconds that the primary may be unhealthy before a failover.', 0),
  instances: { ...required(integer('Number of instances.', { default: 1, minimum: 1 })) },
  livenessProbeTimeout: integer('Seconds of failing liveness until a restart.', { format: 'int32' }),
  logLevel: string('How much the instance manager logs.', {
    enum: ['error', 'warning', 'info', 'debug', 'trace'],
    default: 'info',
  }),
  maxSyncReplicas: integer('Largest number of synchronous standbys. Older way; see postgresql.synchronous.', {
    default: 0,
    minimum: 0,
  }),
  minSyncReplicas: integer('Smallest number of synchronous standbys. Older way; see postgresql.synchronous.', {
    default: 0,
    minimum: 0,
  }),
  nodeMaintenanceWindow: object('Maintenance of nodes. Older way; see enablePDB.', {
    inProgress: boolean('Whether maintenance is going on.', { default: false }),
    reusePVC: boolean('Wait for the node of a volume instead of making a new instance.', { default: true }),
  }),
  primaryLease,
  primaryUpdateMethod: string('How the primary is updated: switchover to a standby, or restart.', {
    enum: ['switchover', 'restart'],
    default: 'restart',
  }),
  primaryUpdateStrategy: string('Whether the update of the primary waits for a person (supervised).', {
    enum: ['unsupervised', 'supervised'],
    default: 'unsupervised',
  }),
  smartShutdownTimeout: seconds('Seconds of a stop in which sessions may end by themselves.', 180),
  startDelay: seconds('Seconds that PostgreSQL gets to start.', 3600),
  stopDelay: seconds('Seconds that PostgreSQL gets to stop.', 1800),
  switchoverDelay: seconds('Seconds that the old primary gets to stop in a switchover.', 3600),
};

export const clusterSpec = object(
  'What the cluster should be.',
  { ...image, ...contents, ...storage, ...security, ...pods, ...lifecycle },
  {
    rules: [
      {
        rule: '!(has(self.imageCatalogRef) && has(self.imageName))',
        message: 'imageName and imageCatalogRef are mutually exclusive',
      },
    ],
  },
);
export type ClusterSpec = Static<typeof clusterSpec>;
