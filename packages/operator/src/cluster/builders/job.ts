import {
  applicationDatabase,
  applicationSecretName,
  type Backup,
  type BarmanObjectStore,
  externalCluster,
  labels,
  readWriteServiceName,
  roles,
} from '@matriarch/api';
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import type { Container, EnvVar, Volume, VolumeMount } from 'kubernetes-types/core/v1.d.ts';
import { initArguments } from './initdb-command.ts';
import { appLabels, type BuildContext, inheritedMeta, owner } from './metadata.ts';
import { basePodSpec, containerSecurityContext, instanceEnv, instanceImage, logFlags, pullPolicy } from './podspec.ts';
import { instanceName } from './pvc.ts';
import { sqlFiles } from './sql-refs.ts';
import { instanceVolumes } from './volumes.ts';

export type JobRole = Exclude<(typeof roles.job)[keyof typeof roles.job], 'major-upgrade' | 'snapshot-recovery'>;

export const jobName = (instance: string, role: string): string => `${instance}-${role}`;

/** How the first instance of this cluster gets its data. */
export function bootstrapRole({ cluster }: BuildContext): JobRole {
  const { recovery, pg_basebackup, initdb } = cluster.spec.bootstrap ?? {};
  if (recovery) return roles.job.fullRecovery;
  if (pg_basebackup) return roles.job.pgbasebackup;
  return initdb?.import ? roles.job.import : roles.job.initdb;
}

/** What a role adds to the job. */
interface Task {
  arguments: string[];
  env?: EnvVar[];
  volumes?: Volume[];
  mounts?: VolumeMount[];
}

/** The job that fills the volumes of one instance. */
export function buildJob(
  context: BuildContext,
  request: { serial: number; role: JobRole; originBackup?: Backup | undefined },
): Job {
  const { cluster } = context;
  const { serial, role } = request;
  const instance = instanceName(cluster, serial);
  const name = jobName(instance, role);
  const task = tasks[role](context, request.originBackup);
  const own = { ...appLabels(context), [labels.instanceName]: instance, [labels.jobRole]: role };
  const base = basePodSpec(context, name, instance);
  const metadata = inheritedMeta(context, { name, labels: own });
  metadata.ownerReferences = [owner(cluster, { blockOwnerDeletion: true })];
  const { labels: podLabels = {}, annotations: podAnnotations = {} } = inheritedMeta(context, { name, labels: own });
  return {
    metadata,
    spec: {
      template: {
        metadata: { labels: podLabels, annotations: podAnnotations },
        spec: {
          ...base,
          volumes: [...(base.volumes ?? []), ...(task.volumes ?? [])],
          containers: [container(context, { instance, name, role }, task)],
          restartPolicy: 'Never',
        },
      },
    },
  };
}

function container(
  context: BuildContext,
  { instance, name, role }: { instance: string; name: string; role: JobRole },
  task: Task,
): Container {
  const { cluster } = context;
  return {
    name: role,
    image: instanceImage(context),
    ...pullPolicy(cluster),
    command: ['/controller/manager', 'instance', ...task.arguments, ...logFlags(cluster)],
    env: [...instanceEnv(context, name), ...(task.env ?? [])],
    ...(cluster.spec.envFrom ? { envFrom: cluster.spec.envFrom } : {}),
    volumeMounts: [...instanceVolumes(cluster, instance).mounts, ...(task.mounts ?? [])],
    ...(cluster.spec.resources ? { resources: cluster.spec.resources } : {}),
    securityContext: containerSecurityContext(cluster),
  };
}

const walFlags = ({ cluster }: BuildContext): string[] =>
  cluster.spec.walStorage ? ['--pg-wal', '/var/lib/postgresql/wal/pg_wal'] : [];

const tasks: Record<JobRole, (context: BuildContext, originBackup: Backup | undefined) => Task> = {
  initdb: (context) => initTask(context),
  import: (context) => importTask(context),
  'full-recovery': (context, originBackup) => ({
    arguments: ['restore', ...walFlags(context)],
    ...endpointCertificate(recoveryStore(context, originBackup)),
  }),
  pgbasebackup: (context) => ({ arguments: ['pgbasebackup', ...walFlags(context)] }),
  join: (context) => ({
    arguments: ['join', '--parent-node', readWriteServiceName(context.cluster), ...walFlags(context)],
  }),
};

function initTask(context: BuildContext): Task {
  const { cluster } = context;
  const app = applicationDatabase(cluster);
  const files = sqlFiles(cluster.spec.bootstrap?.initdb ?? {});
  // The job's pod starts only when the Secret with the owner's credentials is there.
  const secretKeyRef = { name: applicationSecretName(cluster), key: 'username', optional: false };
  return {
    arguments: ['init', ...initArguments(cluster, app), ...walFlags(context), ...files.flags],
    env: app ? [{ name: 'APP_USERNAME', valueFrom: { secretKeyRef } }] : [],
    volumes: files.volumes,
    mounts: files.mounts,
  };
}

function importTask(context: BuildContext): Task {
  return {
    arguments: ['init', ...initArguments(context.cluster, applicationDatabase(context.cluster)), ...walFlags(context)],
  };
}

type Store = Pick<BarmanObjectStore, 'endpointCA' | 'azureCredentials'>;

function recoveryStore({ cluster }: BuildContext, originBackup: Backup | undefined): Store | undefined {
  const recovery = cluster.spec.bootstrap?.recovery;
  if (recovery?.backup) {
    const store: Store = { ...originBackup?.status };
    return recovery.backup.endpointCA ? { ...store, endpointCA: recovery.backup.endpointCA } : store;
  }
  return recovery?.source ? externalCluster(cluster, recovery.source)?.barmanObjectStore : undefined;
}

function endpointCertificate(store: Store | undefined): Partial<Task> {
  const ca = store?.endpointCA;
  if (!ca?.name || !ca.key) return {};
  const name = 'barman-endpoint-ca';
  const file = 'restore-barman-ca.crt';
  const folder = '/controller/certificates/';
  return {
    env: [{ name: store?.azureCredentials ? 'REQUESTS_CA_BUNDLE' : 'AWS_CA_BUNDLE', value: `${folder}${file}` }],
    volumes: [{ name, secret: { secretName: ca.name, items: [{ key: ca.key, path: file }] } }],
    mounts: [{ name, mountPath: folder }],
  };
}
