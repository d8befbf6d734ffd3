import { type apiVersion, databaseObjectColumns, type KindDefinition, type NamespacedMeta } from '../schema/kind.ts';
import { type DatabaseSpec, type DatabaseStatus, databaseSpec, databaseStatus } from './schema.ts';

export interface Database {
  apiVersion?: typeof apiVersion;
  kind?: 'Database';
  metadata: NamespacedMeta;
  spec: DatabaseSpec;
  status?: DatabaseStatus;
}

export const databaseKind: KindDefinition = {
  kind: 'Database',
  plural: 'databases',
  singular: 'database',
  scope: 'Namespaced',
  description: 'A database inside a cluster.',
  spec: databaseSpec,
  status: databaseStatus,
  statusSubresource: true,
  columns: databaseObjectColumns,
};
