import { localReference } from '../common/references.ts';
import { ageColumn, type apiVersion, type KindDefinition, type NamespacedMeta, textColumn } from '../schema/kind.ts';
import { as, object, required, type Static } from '../schema/nodes.ts';
import { backupRequestFields } from './fields.ts';
import { type BackupStatus, backupStatus } from './status.ts';

export const backupSpec = object(
  'What to back up, and how.',
  { cluster: required(as(localReference, 'The cluster to back up.')), ...backupRequestFields },
  { rules: [{ rule: 'oldSelf == self', message: 'BackupSpec is immutable once set' }] },
);
export type BackupSpec = Static<typeof backupSpec>;

export interface Backup {
  apiVersion?: typeof apiVersion;
  kind?: 'Backup';
  metadata: NamespacedMeta;
  spec: BackupSpec;
  status?: BackupStatus;
}

export const backupKind: KindDefinition = {
  kind: 'Backup',
  plural: 'backups',
  singular: 'backup',
  scope: 'Namespaced',
  description: 'One physical backup of a cluster.',
  spec: backupSpec,
  status: backupStatus,
  statusSubresource: true,
  columns: [
    ageColumn,
    textColumn('Cluster', '.spec.cluster.name'),
    textColumn('Method', '.spec.method'),
    textColumn('Phase', '.status.phase'),
    textColumn('Error', '.status.error'),
  ],
};
