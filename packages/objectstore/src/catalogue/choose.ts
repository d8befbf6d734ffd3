import { StoreError } from '../store.ts';
import { lsnToBigInt } from '../wal/names.ts';
import type { BackupInfo } from './backup-info.ts';
import { type DoneBackup, isDone } from './catalogue.ts';

/** The part of `recoveryTarget` that decides from which base backup a recovery starts. */
export interface BackupChoice {
  backupId?: string | undefined;
  targetTime?: Date | undefined;
  targetLsn?: string | undefined;
  /** `latest` or a number as text. */
  targetTimeline?: string | undefined;
}

/**
 * The base backup for a recovery: the one named, else the newest that ended before the target, else the newest.
 * @param place where the backups are, for the message.
 * @throws StoreError `notFound` that says what was looked for, where, and what is there.
 */
export function chooseBackup(backups: readonly BackupInfo[], choice: BackupChoice, place: string): DoneBackup {
  const done = backups.filter(isDone);
  if (choice.backupId !== undefined) {
    const named = done.find(({ backupId }) => backupId === choice.backupId);
    if (named === undefined) throw missing(`no backup found with ID ${choice.backupId}`, place, done);
    return named;
  }
  const candidates = done.filter((backup) => onTimeline(backup, choice) && beforeTarget(backup, choice));
  const newest = candidates.at(-1);
  if (newest === undefined) throw missing('no target backup found', place, done);
  return newest;
}

function onTimeline(backup: DoneBackup, { targetTimeline }: BackupChoice): boolean {
  return targetTimeline === undefined || !/^\d+$/.test(targetTimeline) || backup.timeline === Number(targetTimeline);
}

function beforeTarget(backup: DoneBackup, { targetTime, targetLsn }: BackupChoice): boolean {
  if (targetTime !== undefined) return backup.endTime <= targetTime;
  if (targetLsn !== undefined) return lsnToBigInt(backup.endLsn) < lsnToBigInt(targetLsn);
  return true;
}

function missing(what: string, place: string, done: readonly DoneBackup[]): StoreError {
  const there = done.map(({ backupId, endTime }) => `${backupId} (ended ${endTime.toISOString()})`);
  const remedy = 'correct destinationPath, serverName or the recovery target, or take a backup first';
  return new StoreError(
    'notFound',
    `${what} in ${place}; finished backups there: ${there.join(', ') || 'none'}; ${remedy}`,
  );
}
