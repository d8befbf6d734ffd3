import { serviceTemplate } from '../cluster/schema/managed.ts';
import { localReference, monitoringTls, objectMetadata, relabeling, serviceAccountName } from '../common/references.ts';
import { deploymentStrategy, podSpec } from '../kubernetes/index.ts';
import { ageColumn, type apiVersion, type KindDefinition, type NamespacedMeta, textColumn } from '../schema/kind.ts';
import { array, as, boolean, integer, object, required, type Static, string } from '../schema/nodes.ts';
import { pgbouncer } from './pgbouncer.ts';
import { type PoolerStatus, poolerStatus } from './status.ts';

const cluster = as(localReference, 'The cluster that the pooler stands before.', {
  rules: [{ rule: 'self == oldSelf', message: 'cluster reference is immutable after creation' }],
});

const monitoring = object('Metrics of the pooler.', {
  enablePodMonitor: boolean('Make a PodMonitor. Deprecated: make one by hand.', { default: false }),
  podMonitorMetricRelabelings: array(relabeling, 'Relabeling of the series. Deprecated, like enablePodMonitor.'),
  podMonitorRelabelings: array(relabeling, 'Relabeling of the targets. Deprecated, like enablePodMonitor.'),
  tls: monitoringTls,
});

export const poolerSpec = object('What the pooler should be.', {
  cluster: required(cluster),
  deploymentStrategy: as(deploymentStrategy, 'How the Deployment replaces its pods.'),
  instances: integer('Number of pods.', { default: 1, format: 'int32' }),
  monitoring,
  pgbouncer: required(pgbouncer),
  serviceAccountName,
  serviceTemplate: as(serviceTemplate, 'Template of the Service of the pooler.'),
  template: object('Template of the pods.', {
    metadata: objectMetadata,
    spec: as(podSpec, 'Spec of the pods; what it leaves out is filled in.'),
  }),
  type: string('The service of the cluster that the pooler connects to.', { enum: ['rw', 'ro', 'r'], default: 'rw' }),
});
export type PoolerSpec = Static<typeof poolerSpec>;

export interface Pooler {
  apiVersion?: typeof apiVersion;
  kind?: 'Pooler';
  metadata: NamespacedMeta;
  spec: PoolerSpec;
  status?: PoolerStatus;
}

export const poolerKind: KindDefinition = {
  kind: 'Pooler',
  plural: 'poolers',
  singular: 'pooler',
  scope: 'Namespaced',
  description: 'A pool of PgBouncer pods before a cluster.',
  spec: poolerSpec,
  status: poolerStatus,
  statusSubresource: true,
  scale: { specReplicasPath: '.spec.instances', statusReplicasPath: '.status.instances' },
  columns: [
    ageColumn,
    textColumn('Cluster', '.spec.cluster.name'),
    textColumn('Type', '.spec.type'),
    textColumn('Phase', '.status.phase'),
  ],
};
