// A custom resource: its names, its schemas and how it is shown.
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import type { ObjectNode } from './nodes.ts';

export const apiGroup = 'postgresql.cnpg.io';
export const apiVersion = 'postgresql.cnpg.io/v1';

/** Metadata of an object that came from the API server. */
export type NamespacedMeta = ObjectMeta & { name: string; namespace: string };
export type ClusterScopedMeta = ObjectMeta & { name: string };

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly priority?: number;
}

export interface KindDefinition {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly description: string;
  readonly spec?: ObjectNode;
  readonly status?: ObjectNode;
  readonly statusSubresource: boolean;
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath?: string;
  };
  readonly columns: readonly PrinterColumn[];
}

/** The column that every kind begins with. */
export const ageColumn: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

export const textColumn = (name: string, jsonPath: string): PrinterColumn => ({ name, type: 'string', jsonPath });

/** Columns of the kinds that describe an object inside PostgreSQL. */
export const databaseObjectColumns: readonly PrinterColumn[] = [
  ageColumn,
  textColumn('Cluster', '.spec.cluster.name'),
  textColumn('PG Name', '.spec.name'),
  { name: 'Applied', type: 'boolean', jsonPath: '.status.applied' },
  textColumn('Message', '.status.message'),
];

/** The rule for fields that cannot change, with the message that names the field. */
export const immutable = (subject: string) => ({ rule: 'self == oldSelf', message: `${subject} is immutable` });
