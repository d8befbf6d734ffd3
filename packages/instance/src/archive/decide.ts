import { type Cluster, externalCluster, isReplicaCluster, walArchiverPlugin } from '@matriarch/api';
import type { StorePlace } from './storeConfig.ts';

/**
 * What happens to a finished WAL file of this instance. `refuse` leaves it where it is: PostgreSQL asks again.
 *
 * A primary that is being demoted still archives (its last WAL is needed), and so does one that was just promoted and
 * has not said so yet; an instance that is neither has nothing to archive in the name of the cluster.
 */
export type ArchiveMode =
  | { readonly kind: 'discard' }
  | { readonly kind: 'refuse'; readonly reason: string }
  | { readonly kind: 'store'; readonly place: StorePlace; readonly server: string };

export function decideArchive(cluster: Cluster, podName: string): ArchiveMode {
  const { currentPrimary, targetPrimary } = cluster.status ?? {};
  const involved = currentPrimary === podName || targetPrimary === podName;
  if (isReplicaCluster(cluster) && !involved) return { kind: 'discard' };
  const plugin = walArchiverPlugin(cluster);
  if (plugin !== undefined)
    return { kind: 'refuse', reason: `the WAL archiver plugin ${plugin.name} is not available` };
  const place = cluster.spec.backup?.barmanObjectStore;
  if (place === undefined) return { kind: 'discard' };
  if (!involved) return { kind: 'refuse', reason: 'switchover in progress, refusing archiving' };
  return { kind: 'store', place, server: cluster.metadata.name ?? '' };
}

export type RestoreMode =
  | { readonly kind: 'none' }
  | { readonly kind: 'store'; readonly place: StorePlace; readonly server: string; readonly lastTimeline: number };

/** Where this instance fetches WAL that no server sends any more. */
export function decideRestore(cluster: Cluster, podName: string): RestoreMode {
  const { currentPrimary, targetPrimary, timelineID = 0 } = cluster.status ?? {};
  const involved = currentPrimary === podName || targetPrimary === podName;
  const lastTimeline = involved ? 0 : timelineID;
  if (isReplicaCluster(cluster) && targetPrimary === podName) {
    const source = externalCluster(cluster, cluster.spec.replica?.source ?? '');
    if (source?.barmanObjectStore === undefined) return { kind: 'none' };
    return { kind: 'store', place: source.barmanObjectStore, server: source.name, lastTimeline };
  }
  const place = cluster.spec.backup?.barmanObjectStore;
  if (place === undefined) return { kind: 'none' };
  return { kind: 'store', place, server: cluster.metadata.name ?? '', lastTimeline };
}
