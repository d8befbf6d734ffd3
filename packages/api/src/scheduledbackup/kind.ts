import { backupRequestFields } from '../backup/fields.ts';
import { localReference } from '../common/references.ts';
import { ageColumn, type apiVersion, type KindDefinition, type NamespacedMeta, textColumn } from '../schema/kind.ts';
import { as, boolean, object, required, type Static, string } from '../schema/nodes.ts';

const cluster = as(localReference, 'The cluster to back up.', {
  rules: [{ rule: 'self == oldSelf', message: 'cluster reference is immutable after creation' }],
});

export const scheduledBackupSpec = object('When to take backups, and how.', {
  backupOwnerReference: string('Object whose deletion also deletes the Backups.', {
    enum: ['none', 'self', 'cluster'],
    default: 'none',
  }),
  cluster: required(cluster),
  immediate: boolean('Take a first backup at once.'),
  ...backupRequestFields,
  schedule: required(
    string('When: second, minute, hour, day of month, month and day of week; or a form such as @daily or @every 6h.'),
  ),
  suspend: boolean('Take no backups for now.'),
});
export type ScheduledBackupSpec = Static<typeof scheduledBackupSpec>;

const time = (description: string) => string(description, { format: 'date-time' });
export const scheduledBackupStatus = object('What was done last.', {
  error: string('Why nothing is done.'),
  lastCheckTime: time('When the schedule was last looked at.'),
  lastScheduleTime: time('The time that the last backup was due.'),
  nextScheduleTime: time('The time that the next backup is due.'),
});
export type ScheduledBackupStatus = Static<typeof scheduledBackupStatus>;

export interface ScheduledBackup {
  apiVersion?: typeof apiVersion;
  kind?: 'ScheduledBackup';
  metadata: NamespacedMeta;
  spec: ScheduledBackupSpec;
  status?: ScheduledBackupStatus;
}

export const scheduledBackupKind: KindDefinition = {
  kind: 'ScheduledBackup',
  plural: 'scheduledbackups',
  singular: 'scheduledbackup',
  scope: 'Namespaced',
  description: 'Backups taken by the clock.',
  spec: scheduledBackupSpec,
  status: scheduledBackupStatus,
  statusSubresource: true,
  columns: [
    ageColumn,
    textColumn('Cluster', '.spec.cluster.name'),
    { name: 'Last Backup', type: 'date', jsonPath: '.status.lastScheduleTime' },
  ],
};
