import type { Cluster } from '@matriarch/api';
import { type Cache, type Client, createCache } from '@matriarch/kubernetes';
import type { ClusterSource } from './instance.ts';
import { clusters } from './kinds.ts';

export interface WatchedCluster extends ClusterSource {
  readonly cache: Cache<Cluster>;
}

/** Watches the one Cluster of this instance. */
export function watchCluster(
  client: Client,
  namespace: string,
  name: string,
  onError: (error: unknown) => void,
): WatchedCluster {
  const cache = createCache(client, clusters, { namespace, fieldSelector: `metadata.name=${name}`, onError });
  return {
    cache,
    current: () => cache.get(namespace, name),
    observe: (cluster) => cache.observe(cluster),
    onChange: (listener) =>
      cache.onChange((change) => {
        if (change.kind !== 'deleted') listener(change.object);
      }),
  };
}
