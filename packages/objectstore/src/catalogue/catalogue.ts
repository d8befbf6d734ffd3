import { joinKey, parseS3Destination } from '../location.ts';
import type { ObjectStore } from '../store.ts';
import { isMissing } from '../store.ts';
import { readSmall } from '../streams.ts';
import { type BackupInfo, parseBackupInfo } from './backup-info.ts';

/** One server's folder in a store: where its base backups and its WAL are. */
export interface Archive {
  store: ObjectStore;
  /** Key of the server's folder, e.g. `prod` or `restore/prod`, without a `/` at its end. */
  root: string;
}

/** The archive of a server below a destination path. */
export function archiveOf(store: ObjectStore, destinationPath: string, serverName: string): Archive {
  return { store, root: joinKey(parseS3Destination(destinationPath).prefix, serverName) };
}

const backupIdPattern = /^\d{8}T\d{6}$/;
const maxInfoBytes = 16 * 1024 * 1024;

export interface CatalogueReading {
  /** In order of their ids, which is order of time. FAILED ones are among them. */
  backups: BackupInfo[];
  /** backup.info files that are there but cannot be read; nothing may be deleted while there are any. */
  unreadable: { backupId: string; error: Error }[];
}

/** Reads all backup.info files. A folder without one is no backup: its run was cut off. */
export async function readCatalogue(archive: Archive, signal?: AbortSignal): Promise<CatalogueReading> {
  const base = joinKey(archive.root, 'base');
  const { prefixes } = await archive.store.listLevel(`${base}/`, { signal });
  const ids = prefixes.map((prefix) => prefix.slice(base.length + 1, -1)).filter((id) => backupIdPattern.test(id));
  const reading: CatalogueReading = { backups: [], unreadable: [] };
  for (const backupId of ids.sort()) {
    const text = await readInfo(archive, backupId, signal);
    if (text === undefined) continue;
    try {
      reading.backups.push(parseBackupInfo(backupId, text));
    } catch (error) {
      reading.unreadable.push({ backupId, error: error as Error });
    }
  }
  return reading;
}

async function readInfo(archive: Archive, backupId: string, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const object = await archive.store.get(joinKey(archive.root, 'base', backupId, 'backup.info'), { signal });
    return (await readSmall(object.body, maxInfoBytes)).toString('utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** A backup from which can be restored: finished, with both times and both positions. */
export type DoneBackup = BackupInfo & {
  status: 'DONE';
  beginTime: Date;
  endTime: Date;
  beginWal: string;
  endWal: string;
  beginLsn: string;
  endLsn: string;
};

export function isDone(backup: BackupInfo): backup is DoneBackup {
  const { status, beginTime, endTime, beginWal, endWal, beginLsn, endLsn } = backup;
  return status === 'DONE' && Boolean(beginTime && endTime && beginWal && endWal && beginLsn && endLsn);
}

/** End of the first and of the last finished backup, undefined where there is none. */
export function recoverability(backups: readonly BackupInfo[]): { first: Date | undefined; last: Date | undefined } {
  const done = backups.filter(isDone);
  return { first: done[0]?.endTime, last: done.at(-1)?.endTime };
}
