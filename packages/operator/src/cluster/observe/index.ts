import { annotations, type Cluster, defaultMonitoringKey, defaultMonitoringName, labels, roles } from '@matriarch/api';
import { isControlledBy, isNotFound, type KubernetesObject } from '@matriarch/kubernetes';
import type { ConfigMap } from 'kubernetes-types/core/v1.d.ts';
import type { Observation } from '../../instances/report.ts';
import { kinds } from '../../kinds.ts';
import type { UpdateState } from '../../manager/updates.ts';
import type { Operator } from '../../runtime/context.ts';
import type { MonitoringQueries, OwnedObjects, Snapshot } from '../snapshot.ts';
import { secretFacts } from './secrets.ts';

export interface ObserveInput {
  readonly operator: Operator;
  readonly cluster: Cluster;
  readonly observations: ReadonlyMap<string, Observation>;
  readonly rollouts: Snapshot['rollouts'];
  readonly update: UpdateState;
}

/** Gathers everything that decisions about a cluster depend on, nearly all of it from the caches. */
export async function observe({ operator, cluster, observations, rollouts, update }: ObserveInput): Promise<Snapshot> {
  const { caches, config, discovered, identity, program } = operator;
  const { namespace } = cluster.metadata;
  const mine = <T extends KubernetesObject>(list: readonly T[]) =>
    list.filter((object) => isControlledBy(object, cluster)).sort(byName);
  const instancePods = mine(caches.pods.list(namespace)).filter(
    ({ metadata }) => metadata?.labels?.[labels.podRole] === roles.pod.instance,
  );
  const foreign = caches.persistentVolumeClaims.list(namespace).filter((claim) => !isControlledBy(claim, cluster));
  const secrets = caches.secrets.list(namespace).map((secret) => secretFacts(secret, cluster));
  const versions = caches.configMaps
    .list(namespace)
    .map(({ metadata }) => [metadata?.name ?? '', metadata?.resourceVersion ?? ''] as const);
  const origin = cluster.spec.bootstrap?.recovery?.backup?.name;
  return {
    cluster,
    config,
    now: operator.now(),
    operator: {
      fingerprint: identity.fingerprint,
      podMonitorsExist: discovered.podMonitors() !== undefined,
      pullSecret: hasPullSecret(operator, namespace),
      managers: program ? [{ goArch: program.goArch, hash: program.hash }] : [],
      update,
    },
    pods: instancePods,
    jobs: mine(caches.jobs.list(namespace)),
    claims: mine(caches.persistentVolumeClaims.list(namespace)),
    foreignClaims: new Set(foreign.map(({ metadata }) => metadata?.name ?? '')),
    nodes: new Map(caches.nodes.list().map((node) => [node.metadata?.name ?? '', node])),
    observations,
    owned: ownedObjects(operator, cluster),
    secrets: new Map(secrets.map((facts) => [facts.name, facts])),
    configMapVersions: new Map(versions),
    monitoring: { configMap: monitoringQueries(operator, namespace) },
    serviceAccountExists: await serviceAccountExists(operator, cluster),
    catalog: catalogOf(operator, cluster),
    poolers: caches.poolers.list(namespace),
    databaseRoles: caches.databaseRoles.list(namespace),
    originBackup: origin ? caches.backups.get(namespace, origin) : undefined,
    rollouts,
  };
}

function byName(a: KubernetesObject, b: KubernetesObject): number {
  return (a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1;
}

function ownedObjects({ caches, discovered }: Operator, cluster: Cluster): OwnedObjects {
  const { name, namespace } = cluster.metadata;
  return {
    services: caches.services.list(namespace).filter(({ metadata }) => metadata?.labels?.[labels.cluster] === name),
    podDisruptionBudgets: caches.podDisruptionBudgets.list(namespace),
    serviceAccount: caches.serviceAccounts.get(namespace, name),
    role: caches.roles.get(namespace, name),
    roleBinding: caches.roleBindings.get(namespace, name),
    podMonitor: discovered.podMonitors()?.get(namespace, name),
    failoverQuorum: caches.failoverQuorums.get(namespace, name),
    lease: caches.leases.get(namespace, name),
  };
}

function hasPullSecret({ caches, config }: Operator, namespace: string): boolean {
  const { operatorNamespace, pullSecretName } = config;
  if (operatorNamespace === '' || operatorNamespace === namespace) return false;
  return caches.secrets.get(operatorNamespace, pullSecretName) !== undefined;
}

function monitoringQueries({ caches, config }: Operator, namespace: string): MonitoringQueries {
  const queries = (map: ConfigMap | undefined) => map?.data?.[defaultMonitoringKey];
  const copy = caches.configMaps.get(namespace, defaultMonitoringName);
  return {
    source: queries(caches.configMaps.get(config.operatorNamespace, config.monitoringConfigMap)),
    copy: copy && {
      queries: queries(copy),
      ours: copy.metadata?.annotations?.[annotations.operatorVersion] !== undefined,
    },
  };
}

async function serviceAccountExists({ client }: Operator, cluster: Cluster): Promise<boolean> {
  const name = cluster.spec.serviceAccountName;
  if (!name) return true;
  try {
    await client.get(kinds.serviceAccounts, { name, namespace: cluster.metadata.namespace });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function catalogOf({ caches }: Operator, cluster: Cluster): Snapshot['catalog'] {
  const reference = cluster.spec.imageCatalogRef;
  if (!reference) return undefined;
  const { kind, name } = reference;
  if (kind === 'ClusterImageCatalog') return caches.clusterImageCatalogs.get(undefined, name)?.spec;
  return caches.imageCatalogs.get(cluster.metadata.namespace, name)?.spec;
}
