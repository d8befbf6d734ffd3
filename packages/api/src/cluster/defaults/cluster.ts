// The defaults of a Cluster, as the mutating webhook writes them.
import type { ApiConfig } from '../../names/defaults.ts';
import type { Cluster } from '../kind.ts';
import type { ClusterSpec } from '../schema/spec.ts';
import { bootstrapDefaults } from './bootstrap.ts';
import {
  backupDefaults,
  imageDefaults,
  loggingDefaults,
  monitoringDefaults,
  pluginDefaults,
  probeDefaults,
  schedulingDefaults,
} from './pods.ts';
import {
  type FixedParameters,
  parameterDefaults,
  slotDefaults,
  synchronousDefaults,
  tablespaceDefaults,
} from './postgresql.ts';

/** The cluster with everything filled in that can be known beforehand. The given one is left as it is. */
export const defaultCluster = (cluster: Cluster, config: ApiConfig): Cluster => fill(cluster, config, 'keep');

/** The same for an older object that a new one is compared with. */
export const defaultOldCluster = (cluster: Cluster, config: ApiConfig): Cluster => fill(cluster, config, 'drop');

function fill(cluster: Cluster, config: ApiConfig, fixed: FixedParameters): Cluster {
  // In this order: parameters need the image, owners of tablespaces need the bootstrap.
  const steps: readonly ((current: Cluster) => ClusterSpec)[] = [
    ({ spec }) => imageDefaults(spec, config),
    ({ spec }) => bootstrapDefaults(spec),
    ({ spec }) => schedulingDefaults(spec),
    ({ spec }) => backupDefaults(spec),
    ({ spec }) => loggingDefaults(spec),
    (current) => parameterDefaults(current, config, fixed),
    synchronousDefaults,
    ({ spec }) => slotDefaults(spec),
    tablespaceDefaults,
    ({ spec }) => monitoringDefaults(spec, config),
    ({ spec }) => pluginDefaults(spec, config),
    ({ spec }) => probeDefaults(spec, cluster.metadata.annotations ?? {}),
  ];
  let filled = cluster;
  for (const step of steps) filled = { ...filled, spec: step(filled) };
  return filled;
}
