import { applyRetention, type BackupInfo, openStore, readCatalogue, recoverability } from '@matriarch/objectstore';
import type { MaintenanceTask } from './protocol.ts';

export interface MaintenanceResult {
  /** Ids of the backups that are in the store. */
  readonly backupIds: readonly string[];
  /** RFC 3339, seconds; undefined = none. */
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly retentionError: string | undefined;
}

/** Applies the retention policy and says what the store holds then. */
export async function runMaintenance(task: MaintenanceTask): Promise<MaintenanceResult> {
  const archive = openStore(task.store);
  try {
    let retentionError: string | undefined;
    if (task.retentionPolicy !== undefined && task.retentionPolicy !== '') {
      try {
        await applyRetention(archive, task.retentionPolicy, new Date());
      } catch (error) {
        retentionError = error instanceof Error ? error.message : String(error);
      }
    }
    const { backups } = await readCatalogue(archive);
    const { first, last } = recoverability(backups);
    return {
      backupIds: backups.map((backup: BackupInfo) => backup.backupId),
      first: seconds(first),
      last: seconds(last),
      retentionError,
    };
  } finally {
    archive.store.close();
  }
}

function seconds(time: Date | undefined): string | undefined {
  return time?.toISOString().replace(/\.\d+Z$/, 'Z');
}
