// What holds for a backup, from its own description and that of its cluster.
import type { Cluster } from '../cluster/kind.ts';
import { annotations } from '../names/labels.ts';
import { backupPhases } from '../names/phases.ts';
import type { Backup } from './kind.ts';

export type BackupTarget = 'primary' | 'prefer-standby';

/** Seconds in which snapshot errors that may pass are tried again. */
export function snapshotDeadlineSeconds(backup: Backup): number {
  const text = backup.metadata.annotations?.[annotations.volumeSnapshotDeadline] ?? '';
  return (/^[+-]?\d+$/.test(text) ? Number(text) : 10) * 60;
}

/** Whether the instance keeps running during the backup. */
export function isOnlineBackup(backup: Backup, cluster: Cluster): boolean {
  if (backup.spec.method !== 'volumeSnapshot') return true;
  return backup.spec.online ?? cluster.spec.backup?.volumeSnapshot?.online ?? true;
}

export function onlineSettings(
  backup: Backup,
  cluster: Cluster,
): { waitForArchive: boolean; immediateCheckpoint: boolean } {
  const chosen = backup.spec.onlineConfiguration ?? cluster.spec.backup?.volumeSnapshot?.onlineConfiguration;
  return {
    waitForArchive: chosen?.waitForArchive ?? true,
    immediateCheckpoint: chosen?.immediateCheckpoint ?? false,
  };
}

export const backupTarget = (backup: Backup, cluster: Cluster): BackupTarget =>
  backup.spec.target ?? cluster.spec.backup?.target ?? 'prefer-standby';

/** Whether an instance manager runs the backup; the operator runs the others. */
export const isRunByInstance = (backup: Backup): boolean => backup.spec.method !== 'volumeSnapshot';

export const isBackupDone = (backup: Backup): boolean =>
  backup.status?.phase === backupPhases.completed || backup.status?.phase === backupPhases.failed;

const isExecuting = (backup: Backup) =>
  backup.status?.phase === backupPhases.started || backup.status?.phase === backupPhases.running;

/** The backups of one cluster in the order of their turns: one that is executing goes alone, else the oldest first. */
export function backupsInOrder(backups: readonly Backup[]): Backup[] {
  const executing = backups.filter(isExecuting);
  const candidates = executing.length > 0 ? executing : backups.filter((backup) => !isBackupDone(backup));
  return [...candidates].sort(
    (a, b) =>
      (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '') ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  );
}
