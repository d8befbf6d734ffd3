import { defaultMonitoringName, labels } from '@matriarch/api';
import {
  type Cache,
  type CacheOptions,
  type Client,
  createCache,
  type KubernetesObject,
  type ResourceType,
} from '@matriarch/kubernetes';
import type { ConfigMap, Node, Secret } from 'kubernetes-types/core/v1.d.ts';
import { kinds } from '../kinds.ts';
import type { Logger } from '../log.ts';
import { mergeCaches } from './merged-cache.ts';

const ofClusters = { labelSelector: labels.cluster } as const;
const managed = { labelSelector: `${labels.appManagedBy}=cloudnative-pg` } as const;

/** Local copies of what the operator decides on: only objects of clusters, and of secrets no private contents. */
export function createCaches(client: Client, options: { namespaces: readonly string[]; log: Logger }) {
  const { namespaces, log } = options;
  const onError = (plural: string) => (error: unknown) => log.warn({ error, resource: plural }, 'Watch interrupted');

  function cache<T extends KubernetesObject>(type: ResourceType<T>, selection: CacheOptions<T> = {}): Cache<T> {
    const common = { ...selection, onError: onError(type.plural) };
    if (!type.namespaced || namespaces.length === 0) return createCache(client, type, common);
    return mergeCaches(namespaces.map((namespace) => createCache(client, type, { ...common, namespace })));
  }

  return {
    clusters: cache(kinds.clusters),
    pods: cache(kinds.pods, ofClusters),
    jobs: cache(kinds.jobs, ofClusters),
    persistentVolumeClaims: cache(kinds.persistentVolumeClaims, ofClusters),
    services: cache(kinds.services, ofClusters),
    podDisruptionBudgets: cache(kinds.podDisruptionBudgets, ofClusters),
    serviceAccounts: cache(kinds.serviceAccounts, ofClusters),
    roles: cache(kinds.roles, ofClusters),
    roleBindings: cache(kinds.roleBindings, managed),
    leases: cache(kinds.leases, ofClusters),
    // Release records of Helm are large and never concern us.
    secrets: cache(kinds.secrets, { fieldSelector: 'type!=helm.sh/release.v1', trim: withoutPrivateData }),
    configMaps: cache(kinds.configMaps, { trim: withoutLargeData }),
    nodes: cache(kinds.nodes, { trim: onlyScheduling }),
    failoverQuorums: cache(kinds.failoverQuorums),
    backups: cache(kinds.backups),
    scheduledBackups: cache(kinds.scheduledBackups),
    poolers: cache(kinds.poolers),
    databaseRoles: cache(kinds.databaseRoles),
    imageCatalogs: cache(kinds.imageCatalogs),
    clusterImageCatalogs: cache(kinds.clusterImageCatalogs),
  } as const;
}

export type Caches = ReturnType<typeof createCaches>;

/** Runs all caches; resolves when each has its first list. */
export async function startCaches(caches: Caches, signal: AbortSignal): Promise<void> {
  const all = Object.values(caches) as Cache<KubernetesObject>[];
  for (const cache of all) void cache.start(signal);
  await Promise.all(all.map((cache) => cache.synced()));
}

const publicKeys = ['ca.crt', 'tls.crt'];

function withoutPrivateData(secret: Secret): Secret {
  const data = Object.entries(secret.data ?? {}).map(([key, value]) => [key, publicKeys.includes(key) ? value : '']);
  return { ...secret, data: Object.fromEntries(data) };
}

function withoutLargeData(map: ConfigMap): ConfigMap {
  if (map.metadata?.name === defaultMonitoringName || map.metadata?.labels?.[labels.reload] !== undefined) return map;
  const { data: _data, binaryData: _binary, ...rest } = map;
  return rest;
}

function onlyScheduling({ metadata, spec, apiVersion, kind }: Node): Node {
  const { name, labels: nodeLabels, resourceVersion, uid } = metadata ?? {};
  const small = { name, labels: nodeLabels, resourceVersion, uid };
  const { unschedulable, taints } = spec ?? {};
  return {
    ...(apiVersion ? { apiVersion } : {}),
    ...(kind ? { kind } : {}),
    metadata: small as NonNullable<Node['metadata']>,
    spec: { ...(unschedulable === undefined ? {} : { unschedulable }), ...(taints ? { taints } : {}) },
  };
}
