import { barmanObjectStore } from '../../common/objectStore.ts';
import { boolean, map, object, type Static, string } from '../../schema/nodes.ts';

const onlineFields = {
  immediateCheckpoint: boolean('Ask for a fast checkpoint at the start instead of a spread one.'),
  waitForArchive: boolean('End only when the last needed WAL file is archived.', { default: true }),
};

/** How an online backup behaves; also part of Backup and ScheduledBackup. */
export const onlineConfiguration = object('How an online backup behaves.', onlineFields);
export type OnlineConfiguration = Static<typeof onlineConfiguration>;

/** The instance that a backup is taken from. */
export const backupTarget = (description: string) => string(description, { enum: ['primary', 'prefer-standby'] });

const volumeSnapshot = object('Settings of backups by volume snapshots.', {
  annotations: map(string(), 'Annotations of the VolumeSnapshot objects.'),
  className: string('Snapshot class of the data volume.'),
  labels: map(string(), 'Labels of the VolumeSnapshot objects.'),
  online: boolean('Take snapshots of a running instance.', { default: true }),
  onlineConfiguration: object('How an online snapshot behaves.', onlineFields, {
    default: { immediateCheckpoint: false, waitForArchive: true },
  }),
  snapshotOwnerReference: string('Object whose deletion also deletes the snapshots.', {
    enum: ['none', 'cluster', 'backup'],
    default: 'none',
  }),
  tablespaceClassName: map(string(), 'Snapshot class of each tablespace volume, by name of the tablespace.'),
  walClassName: string('Snapshot class of the WAL volume. Empty: className.'),
});
export type VolumeSnapshotConfiguration = Static<typeof volumeSnapshot>;

export const backupConfiguration = object('How backups of this cluster are made.', {
  barmanObjectStore,
  retentionPolicy: string('How long backups are kept, such as 30d, 4w or 6m.', { pattern: '^[1-9][0-9]*[dwm]$' }),
  target: {
    ...backupTarget('The instance to take backups from, unless the Backup says otherwise.'),
    default: 'prefer-standby',
  },
  volumeSnapshot,
});
export type BackupConfiguration = Static<typeof backupConfiguration>;
