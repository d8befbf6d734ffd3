// The parameters of a cluster: the defaults, then the user's, then what follows from the role of the cluster.
import { annotations } from '../../names/labels.ts';
import { isReplicaCluster } from '../effective/roles.ts';
import type { Cluster } from '../kind.ts';
import { defaultParameters, fixedParameters, type ManagedExtension, managedExtensions } from './tables.ts';

export type Parameters = Readonly<Record<string, string>>;

export const userParameters = (cluster: Cluster): Parameters => cluster.spec.postgresql?.parameters ?? {};

/** off on request, always on a replica cluster, else on. */
export function archiveMode(cluster: Cluster): 'off' | 'always' | 'on' {
  if (cluster.metadata.annotations?.[annotations.skipWalArchiving] === 'enabled') return 'off';
  return isReplicaCluster(cluster) ? 'always' : 'on';
}

/** What the operator makes of the user's parameters; fixed ones of the user are left out. */
export function effectiveParameters(cluster: Cluster): Parameters {
  const own = Object.entries(userParameters(cluster)).filter(([name]) => !fixedParameters.has(name));
  return { ...defaultParameters, ...Object.fromEntries(own), archive_mode: archiveMode(cluster) };
}

/** The same with the fixed parameters of the user, for validation to see and refuse. */
export const effectiveParametersWithFixed = (cluster: Cluster): Parameters => ({
  ...defaultParameters,
  ...userParameters(cluster),
  archive_mode: archiveMode(cluster),
});

/** The managed extensions that the user's parameters enable. */
export function enabledManagedExtensions(cluster: Cluster): readonly ManagedExtension[] {
  const names = Object.keys(userParameters(cluster));
  return managedExtensions.filter(({ prefix }) => names.some((name) => name.startsWith(prefix)));
}

/** shared_preload_libraries as rendered: the user's libraries in their order, then those of managed extensions. */
export function preloadLibraries(cluster: Cluster): readonly string[] {
  const own = cluster.spec.postgresql?.shared_preload_libraries ?? [];
  const managed = enabledManagedExtensions(cluster).map(({ library }) => library);
  return [...new Set([...own, ...managed])].filter((library) => library !== '');
}
