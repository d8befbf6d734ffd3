import {
  anyServiceName,
  type Cluster,
  postgresGid,
  postgresUid,
  seccompProfile,
  serviceAccountName,
  stopDelay,
} from '@matriarch/api';
import type { Container, EnvVar, PodSecurityContext, PodSpec, SecurityContext } from 'kubernetes-types/core/v1.d.ts';
import { buildAffinity } from './affinity.ts';
import type { BuildContext } from './metadata.ts';
import { instanceVolumes, tokenVolume } from './volumes.ts';

/** What the pod of an instance and the pods of its jobs have in common. */
export function basePodSpec(context: BuildContext, hostname: string, instance: string): Omit<PodSpec, 'containers'> {
  const { cluster, config } = context;
  const { spec } = cluster;
  const affinity = buildAffinity(cluster);
  return {
    hostname,
    ...(config.createAnyService ? { subdomain: anyServiceName(cluster) } : {}),
    initContainers: [bootstrapContainer(context, instance)],
    volumes: instanceVolumes(cluster, instance).volumes,
    securityContext: podSecurityContext(cluster),
    ...(affinity ? { affinity } : {}),
    ...(spec.affinity?.tolerations ? { tolerations: spec.affinity.tolerations } : {}),
    ...(spec.affinity?.nodeSelector ? { nodeSelector: spec.affinity.nodeSelector } : {}),
    ...(spec.topologySpreadConstraints ? { topologySpreadConstraints: spec.topologySpreadConstraints } : {}),
    ...(spec.schedulerName ? { schedulerName: spec.schedulerName } : {}),
    ...(spec.priorityClassName ? { priorityClassName: spec.priorityClassName } : {}),
    serviceAccountName: serviceAccountName(cluster),
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: stopDelay(cluster),
  };
}

/** The image that the instances should run. */
export function instanceImage({ cluster, config }: BuildContext): string {
  return cluster.status?.image || cluster.spec.imageName || config.postgresImage;
}

export const bootstrapContainerName = 'bootstrap-controller';

/** Copies the instance manager into the pod, so that any PostgreSQL image will do. */
function bootstrapContainer(context: BuildContext, instance: string): Container {
  const { cluster, config } = context;
  const mounts = instanceVolumes(cluster, instance).mounts.filter(({ name }) => name !== tokenVolume);
  return {
    name: bootstrapContainerName,
    image: config.operatorImage,
    ...pullPolicy(cluster),
    command: ['/manager', 'bootstrap', '/controller/manager', ...logFlags(cluster)],
    volumeMounts: mounts,
    ...(cluster.spec.resources ? { resources: cluster.spec.resources } : {}),
    securityContext: containerSecurityContext(cluster),
  };
}

export function pullPolicy({ spec }: Cluster): { imagePullPolicy?: string } {
  return spec.imagePullPolicy ? { imagePullPolicy: spec.imagePullPolicy } : {};
}

export function logFlags({ spec }: Cluster): string[] {
  return spec.logLevel ? [`--log-level=${spec.logLevel}`] : [];
}

/** Environment of everything that runs as this instance; `podName` is the job's name in a job. */
export function instanceEnv({ cluster, config }: BuildContext, podName: string): EnvVar[] {
  const fixed = {
    PGDATA: '/var/lib/postgresql/data/pgdata',
    POD_NAME: podName,
    NAMESPACE: cluster.metadata.namespace,
    CLUSTER_NAME: cluster.metadata.name,
    PSQL_HISTORY: '/controller/tmp/.psql_history',
    PGPORT: '5432',
    PGHOST: '/controller/run',
    TMPDIR: '/controller/tmp',
  };
  const timeout = config.standbyTcpUserTimeout;
  return [
    ...Object.entries(fixed).map(([name, value]) => ({ name, value })),
    ...(cluster.spec.env ?? []),
    ...(timeout === undefined ? [] : [{ name: 'CNPG_STANDBY_TCP_USER_TIMEOUT', value: String(timeout) }]),
  ];
}

function podSecurityContext(cluster: Cluster): PodSecurityContext {
  const own = cluster.spec.podSecurityContext;
  if (own) {
    return {
      ...own,
      runAsUser: own.runAsUser ?? postgresUid(cluster),
      runAsGroup: own.runAsGroup ?? postgresGid(cluster),
      seccompProfile: own.seccompProfile ?? seccompProfile(cluster),
    };
  }
  return {
    runAsUser: postgresUid(cluster),
    runAsGroup: postgresGid(cluster),
    runAsNonRoot: true,
    fsGroup: postgresGid(cluster),
    seccompProfile: seccompProfile(cluster),
  };
}

export function containerSecurityContext(cluster: Cluster): SecurityContext {
  return {
    capabilities: { drop: ['ALL'] },
    privileged: false,
    runAsNonRoot: true,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    seccompProfile: seccompProfile(cluster),
    ...cluster.spec.securityContext,
  };
}
