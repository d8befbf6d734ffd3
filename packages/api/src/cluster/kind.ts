import { ageColumn, type apiVersion, type KindDefinition, type NamespacedMeta, textColumn } from '../schema/kind.ts';
import { type ClusterSpec, clusterSpec } from './schema/spec.ts';
import { type ClusterStatus, clusterStatus } from './schema/status.ts';

export interface Cluster {
  apiVersion?: typeof apiVersion;
  kind?: 'Cluster';
  metadata: NamespacedMeta;
  spec: ClusterSpec;
  status?: ClusterStatus;
}

const integerColumn = (name: string, jsonPath: string) => ({ name, type: 'integer', jsonPath }) as const;

export const clusterKind: KindDefinition = {
  kind: 'Cluster',
  plural: 'clusters',
  singular: 'cluster',
  scope: 'Namespaced',
  description: 'A PostgreSQL cluster: one primary and its standbys.',
  spec: clusterSpec,
  status: clusterStatus,
  statusSubresource: true,
  scale: {
    specReplicasPath: '.spec.instances',
    statusReplicasPath: '.status.instances',
    labelSelectorPath: '.status.selector',
  },
  columns: [
    ageColumn,
    integerColumn('Instances', '.status.instances'),
    integerColumn('Ready', '.status.readyInstances'),
    textColumn('Status', '.status.phase'),
    textColumn('Primary', '.status.currentPrimary'),
    {
      ...textColumn('SyncTopology', ".status.conditions[?(@.type=='SyncReplicationTopologySatisfied')].reason"),
      priority: 1,
    },
  ],
};
