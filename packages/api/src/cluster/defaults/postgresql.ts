// Defaults of parameters, synchronous replication, slots and tablespaces.
import type { ApiConfig } from '../../names/defaults.ts';
import { annotations } from '../../names/labels.ts';
import { parseGoBoolean } from '../../values/postgres.ts';
import { postgresMajor } from '../effective/image.ts';
import { defaultOwner } from '../effective/roles.ts';
import type { Cluster } from '../kind.ts';
import { effectiveParameters, effectiveParametersWithFixed } from '../parameters/merge.ts';
import type { ClusterSpec } from '../schema/spec.ts';

/** What happens to fixed parameters of the user: validation must see them; a comparison with an old object must not. */
export type FixedParameters = 'keep' | 'drop';

/** Writes down the parameters in force; nothing when the version of PostgreSQL is not known. */
export function parameterDefaults(cluster: Cluster, config: ApiConfig, fixed: FixedParameters): ClusterSpec {
  const { spec } = cluster;
  if (postgresMajor(cluster, config) === undefined) return spec;
  const parameters = fixed === 'keep' ? effectiveParametersWithFixed(cluster) : effectiveParameters(cluster);
  return { ...spec, postgresql: { ...spec.postgresql, parameters: { ...parameters } } };
}

export function synchronousDefaults(cluster: Cluster): ClusterSpec {
  const { spec } = cluster;
  const synchronous = spec.postgresql?.synchronous;
  if (synchronous === undefined) return spec;
  const failoverQuorum = parseGoBoolean(cluster.metadata.annotations?.[annotations.failoverQuorum] ?? '');
  const filled = {
    ...synchronous,
    dataDurability: synchronous.dataDurability ?? 'required',
    ...(failoverQuorum === undefined ? {} : { failoverQuorum }),
  };
  return { ...spec, postgresql: { ...spec.postgresql, synchronous: filled } };
}

export function slotDefaults(spec: ClusterSpec): ClusterSpec {
  const slots = spec.replicationSlots;
  return {
    ...spec,
    replicationSlots: {
      ...slots,
      highAvailability: slots?.highAvailability ?? { enabled: true, slotPrefix: '_cnpg_' },
      synchronizeReplicas: slots?.synchronizeReplicas ?? { enabled: true },
    },
  };
}

export function tablespaceDefaults(cluster: Cluster): ClusterSpec {
  const { spec } = cluster;
  if (spec.tablespaces === undefined) return spec;
  const name = defaultOwner(cluster);
  const tablespaces = spec.tablespaces.map((tablespace) =>
    tablespace.owner?.name ? tablespace : { ...tablespace, owner: { name } },
  );
  return { ...spec, tablespaces };
}
