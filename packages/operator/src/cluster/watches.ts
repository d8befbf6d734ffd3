import { type Cluster, labels, roles } from '@matriarch/api';
import { controllerOf, type KubernetesObject, keyOf } from '@matriarch/kubernetes';
import type { Node } from 'kubernetes-types/core/v1.d.ts';
import type { Operator } from '../runtime/context.ts';
import { readableConfigMaps, readableSecrets } from './builders/rbac.ts';
import { isSame } from './decide/merge.ts';

/** Which change concerns which cluster. */
export function watchClusters({ caches, discovered, config }: Operator, enqueue: (key: string) => void): void {
  caches.clusters.onChange(({ object }) => enqueue(keyOf(object)));
  const labelled = [
    caches.pods,
    caches.jobs,
    caches.persistentVolumeClaims,
    caches.services,
    caches.podDisruptionBudgets,
    caches.serviceAccounts,
    caches.roles,
  ] as const;
  for (const cache of labelled) cache.onChange(({ object }) => enqueueByLabel(object, enqueue));
  // Instance managers renew their Lease all the time: only its loss matters, and who holds it.
  caches.leases.onChange((change) => {
    const renewed =
      change.kind === 'modified' && change.object.spec?.holderIdentity === change.previous.spec?.holderIdentity;
    if (!renewed) enqueueByLabel(change.object, enqueue);
  });
  const each = (namespace: string | undefined, concerns: (cluster: Cluster) => boolean) => {
    for (const cluster of caches.clusters.list(namespace)) if (concerns(cluster)) enqueue(keyOf(cluster));
  };
  caches.secrets.onChange(({ object }) => {
    const { name = '', namespace } = object.metadata ?? {};
    if (namespace === config.operatorNamespace && name === config.pullSecretName) each(undefined, () => true);
    each(namespace, (cluster) => controlledBy(object, cluster) || readableSecrets(cluster).includes(name));
  });
  caches.configMaps.onChange(({ object }) => {
    const { name = '', namespace } = object.metadata ?? {};
    if (namespace === config.operatorNamespace && name === config.monitoringConfigMap) each(undefined, () => true);
    else each(namespace, (cluster) => readableConfigMaps(cluster).includes(name));
  });
  caches.failoverQuorums.onChange(({ object }) => enqueue(keyOf(object)));
  caches.poolers.onChange(({ object }) => enqueue(`${object.metadata.namespace}/${object.spec.cluster.name}`));
  caches.databaseRoles.onChange(({ object }) => enqueue(`${object.metadata.namespace}/${object.spec.cluster.name}`));
  caches.imageCatalogs.onChange(({ object }) =>
    each(object.metadata.namespace, (cluster) => refersTo(cluster, object)),
  );
  caches.clusterImageCatalogs.onChange(({ object }) => each(undefined, (cluster) => refersTo(cluster, object)));
  caches.backups.onChange(({ object }) => {
    const { name, namespace } = object.metadata;
    each(namespace, (cluster) => cluster.spec.bootstrap?.recovery?.backup?.name === name);
  });
  watchNodes(caches, enqueue);
  discovered.onFound(() => each(undefined, () => true));
}

function enqueueByLabel({ metadata }: KubernetesObject, enqueue: (key: string) => void): void {
  const cluster = metadata?.labels?.[labels.cluster];
  if (cluster) enqueue(`${metadata?.namespace}/${cluster}`);
}

function controlledBy(object: KubernetesObject, cluster: Cluster): boolean {
  return controllerOf(object)?.uid === cluster.metadata.uid;
}

function refersTo(cluster: Cluster, catalog: KubernetesObject): boolean {
  const reference = cluster.spec.imageCatalogRef;
  return reference?.name === catalog.metadata?.name && reference?.kind === catalog.kind;
}

/** A node that is to be emptied, or may be used again, concerns the clusters that have an instance there. */
function watchNodes(caches: Operator['caches'], enqueue: (key: string) => void): void {
  caches.nodes.onChange((change) => {
    if (change.kind !== 'modified' || sameScheduling(change.object, change.previous)) return;
    const node = change.object.metadata?.name;
    for (const pod of caches.pods.list()) {
      const isInstance = pod.metadata?.labels?.[labels.podRole] === roles.pod.instance;
      if (isInstance && pod.spec?.nodeName === node) enqueueByLabel(pod, enqueue);
    }
  });
}

function sameScheduling(a: Node, b: Node): boolean {
  return a.spec?.unschedulable === b.spec?.unschedulable && isSame(a.spec?.taints, b.spec?.taints);
}
