import { createHash } from 'node:crypto';
import { annotations, type Cluster, isMetricsTlsEnabled, labels, probeTiming, roles } from '@matriarch/api';
import type { Container, ContainerPort, Pod, Probe } from 'kubernetes-types/core/v1.d.ts';
import { applyJsonPatch, type JsonPatchOperation } from './jsonpatch.ts';
import { appLabels, type BuildContext, inheritedMeta, owner } from './metadata.ts';
import { basePodSpec, containerSecurityContext, instanceEnv, instanceImage, logFlags, pullPolicy } from './podspec.ts';
import { instanceName } from './pvc.ts';
import { instanceVolumes } from './volumes.ts';

export const postgresContainerName = 'postgres';

/** The pod of one instance. Its role labels are put on later, when it is known who is the primary. */
export function buildInstancePod(context: BuildContext, serial: number): Pod {
  const { cluster } = context;
  const name = instanceName(cluster, serial);
  const spec = { ...basePodSpec(context, name, name), containers: [postgresContainer(context, name)] };
  const restartedAt = cluster.metadata.annotations?.[annotations.restartedAt];
  const metadata = inheritedMeta(context, {
    name,
    labels: { ...appLabels(context), [labels.instanceName]: name, [labels.podRole]: roles.pod.instance },
    annotations: {
      [annotations.nodeSerial]: String(serial),
      [annotations.podEnvHash]: envHash(context, name),
      ...(restartedAt ? { [annotations.restartedAt]: restartedAt } : {}),
    },
  });
  metadata.ownerReferences = [owner(cluster, { blockOwnerDeletion: true })];
  const pod = patched(cluster, { metadata, spec });
  pod.metadata = {
    ...pod.metadata,
    annotations: { ...pod.metadata?.annotations, [annotations.podSpec]: JSON.stringify(pod.spec) },
  };
  return pod;
}

/** The user's own RFC 6902 patch, if there is one. */
function patched(cluster: Cluster, pod: Pod): Pod {
  const text = cluster.metadata.annotations?.[annotations.podPatch];
  if (!text) return pod;
  return applyJsonPatch(pod, JSON.parse(text) as JsonPatchOperation[]);
}

function postgresContainer(context: BuildContext, name: string): Container {
  const { cluster } = context;
  const pprof = cluster.metadata.annotations?.[annotations.enableInstancePprof] === 'true';
  const flags = [
    ...(pprof ? ['--pprof-server'] : []),
    '--status-port-tls',
    ...(isMetricsTlsEnabled(cluster) ? ['--metrics-port-tls'] : []),
    ...logFlags(cluster),
  ];
  return {
    name: postgresContainerName,
    image: instanceImage(context),
    ...pullPolicy(cluster),
    command: ['/controller/manager', 'instance', 'run', ...flags],
    env: instanceEnv(context, name),
    ...(cluster.spec.envFrom ? { envFrom: cluster.spec.envFrom } : {}),
    volumeMounts: instanceVolumes(cluster, name).mounts,
    startupProbe: probe(cluster, 'startup', '/startupz'),
    readinessProbe: probe(cluster, 'readiness', '/readyz'),
    livenessProbe: probe(cluster, 'liveness', '/healthz'),
    ports: ports(pprof),
    ...(cluster.spec.resources ? { resources: cluster.spec.resources } : {}),
    securityContext: containerSecurityContext(cluster),
  };
}

function probe(cluster: Cluster, kind: 'startup' | 'readiness' | 'liveness', path: string): Probe {
  return { httpGet: { path, port: 8000, scheme: 'HTTPS' }, ...probeTiming(cluster, kind) };
}

function ports(pprof: boolean): ContainerPort[] {
  const port = (name: string, containerPort: number) => ({ name, containerPort, protocol: 'TCP' });
  return [
    port('postgresql', 5432),
    port('metrics', 9187),
    port('status', 8000),
    ...(pprof ? [port('pprof', 6060)] : []),
  ];
}

function envHash(context: BuildContext, name: string): string {
  const text = JSON.stringify([instanceEnv(context, name), context.cluster.spec.envFrom ?? []]);
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}
