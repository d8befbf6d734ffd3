import { annotations, type Cluster, isReplicaCluster } from '@matriarch/api';

/** Questions about a Cluster that only an instance asks; all pure. */

/** Whether this pod follows the source of a replica cluster itself. */
export function isDesignatedPrimary(cluster: Cluster, podName: string): boolean {
  return isReplicaCluster(cluster) && cluster.status?.targetPrimary === podName;
}

/** Names of fenced instances; `*` stands for all. An unreadable annotation fences nobody. */
export function fencedInstances(cluster: Cluster): readonly string[] {
  const text = cluster.metadata.annotations?.[annotations.fencedInstances];
  if (text === undefined || text === '') return [];
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

export function isFenced(cluster: Cluster, podName: string): boolean {
  const fenced = fencedInstances(cluster);
  return fenced.includes('*') || fenced.includes(podName);
}
