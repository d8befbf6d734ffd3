import type { BackupInfo } from './backup-info.ts';

export type Keep = 'full' | 'standalone';
export type Verdict = 'VALID' | 'OBSOLETE' | 'KEEP:FULL' | 'KEEP:STANDALONE' | '-';

const dayMs = 86_400_000;
/** Length of a unit; a month counts 31 days, as Barman counts it. */
const unitDays: Record<string, number> = { d: 1, w: 7, m: 31 };

/**
 * Length of a recovery window such as `30d`, in ms.
 * @throws RangeError for anything else.
 */
export function windowOf(policy: string): number {
  const match = /^([1-9][0-9]*)([dwm])$/.exec(policy);
  const days = unitDays[match?.[2] ?? ''];
  if (match === null || days === undefined) {
    throw new RangeError(`retentionPolicy "${policy}" is not a number followed by d, w or m, such as 30d`);
  }
  return Number(match[1]) * days * dayMs;
}

/**
 * What a recovery window makes of each backup, newest first in time: all are needed up to and including the first one
 * that ended before the window, since a recovery to the window's start begins with that one.
 */
export function classify(
  backups: readonly BackupInfo[],
  keeps: ReadonlyMap<string, Keep>,
  policy: string,
  now: Date,
): Map<string, Verdict> {
  const pointOfRecoverability = now.getTime() - windowOf(policy);
  const verdicts = new Map<string, Verdict>();
  let closed = false;
  for (const backup of [...backups].sort((a, b) => (a.backupId < b.backupId ? 1 : -1))) {
    if (backup.status !== 'DONE') {
      verdicts.set(backup.backupId, '-');
      continue;
    }
    const keep = keeps.get(backup.backupId);
    const own = closed ? 'OBSOLETE' : 'VALID';
    verdicts.set(backup.backupId, keep === undefined ? own : keep === 'full' ? 'KEEP:FULL' : 'KEEP:STANDALONE');
    if (backup.endTime !== undefined && backup.endTime.getTime() < pointOfRecoverability) closed = true;
  }
  return verdicts;
}

/** Decides which WAL objects go when a backup is deleted; undefined: none may go. */
export interface WalDeletion {
  /** Whether the WAL file of this name (without compression extension) goes. */
  deletes(name: string): boolean;
}

const counts = (backup: BackupInfo) => backup.status === 'DONE' || backup.status === 'WAITING_FOR_WALS';

/**
 * The WAL that goes with `deleted`. `backups` are those still there, `deleted` among them. An older backup that stays
 * needs all WAL after it, unless it is kept standalone, which protects just its own segments.
 */
export function walDeletion(
  deleted: BackupInfo,
  backups: readonly BackupInfo[],
  keeps: ReadonlyMap<string, Keep>,
): WalDeletion | undefined {
  const sorted = [...backups].sort((a, b) => (a.backupId < b.backupId ? -1 : 1));
  const older = sorted.filter((backup) => backup.backupId < deleted.backupId && counts(backup));
  if (older.some(({ backupId }) => keeps.get(backupId) !== 'standalone')) return undefined;
  const guarded = older.map(({ beginWal, endWal }) => ({ first: beginWal ?? '', last: endWal ?? '' }));
  const next = sorted.find((backup) => backup.backupId > deleted.backupId && counts(backup)) ?? deleted;
  const nextBegin = next.beginWal;
  if (nextBegin === undefined) return undefined;
  const timelines = new Set(
    sorted.filter(({ backupId }) => backupId !== deleted.backupId).map(({ timeline }) => timeline),
  );
  timelines.delete(next.timeline);
  return {
    deletes(name) {
      if (name.endsWith('.history')) return false;
      if (timelines.has(Number.parseInt(name.slice(0, 8), 16))) return false;
      const segment = name.slice(0, 24);
      if (guarded.some(({ first, last }) => segment >= first && segment <= last)) return false;
      return name < nextBegin;
    },
  };
}
