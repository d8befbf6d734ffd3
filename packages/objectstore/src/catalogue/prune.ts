import { knownExtensions } from '../compression/formats.ts';
import { joinKey } from '../location.ts';
import { isMissing, StoreError } from '../store.ts';
import { readSmall } from '../streams.ts';
import { isWalName } from '../wal/names.ts';
import type { BackupInfo } from './backup-info.ts';
import { type Archive, readCatalogue } from './catalogue.ts';
import { classify, type Keep, walDeletion } from './retention.ts';

/**
 * Applies a recovery window: removes obsolete backups, oldest first, and the WAL that only they needed. Resolves to
 * the ids removed.
 * @throws StoreError `invalid`, before anything is deleted, when a backup.info cannot be read.
 */
export async function applyRetention(
  archive: Archive,
  policy: string,
  now: Date,
  signal?: AbortSignal,
): Promise<string[]> {
  const { backups, unreadable } = await readCatalogue(archive, signal);
  const [broken] = unreadable;
  if (broken !== undefined) {
    throw new StoreError('invalid', `nothing is deleted while a backup.info cannot be read: ${broken.error.message}`);
  }
  const keeps = await readKeeps(archive, backups, signal);
  const verdicts = classify(backups, keeps, policy, now);
  const removed: string[] = [];
  let remaining = backups;
  for (const backup of backups) {
    if (verdicts.get(backup.backupId) !== 'OBSOLETE') continue;
    await removeBackup(archive, backup, signal);
    await removeWal(archive, backup, remaining, keeps, signal);
    remaining = remaining.filter(({ backupId }) => backupId !== backup.backupId);
    removed.push(backup.backupId);
  }
  return removed;
}

async function readKeeps(archive: Archive, backups: readonly BackupInfo[], signal?: AbortSignal) {
  const keeps = new Map<string, Keep>();
  for (const { backupId } of backups) {
    const key = joinKey(archive.root, 'base', backupId, 'annotations', 'keep');
    try {
      const { body } = await archive.store.get(key, { signal });
      const [text] = (await readSmall(body, 4096)).toString('utf8').split('\n');
      keeps.set(backupId, text === 'standalone' ? 'standalone' : 'full');
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return keeps;
}

/** Archives first and backup.info only when they are gone: a cut-off deletion is found again by the next one. */
async function removeBackup(archive: Archive, { backupId }: BackupInfo, signal?: AbortSignal): Promise<void> {
  const folder = `${joinKey(archive.root, 'base', backupId)}/`;
  const info = `${folder}backup.info`;
  const keys: string[] = [];
  for await (const { key } of archive.store.list(folder, { signal })) if (key !== info) keys.push(key);
  await archive.store.delete(keys, { signal });
  await archive.store.delete([info], { signal });
}

async function removeWal(
  archive: Archive,
  backup: BackupInfo,
  remaining: readonly BackupInfo[],
  keeps: ReadonlyMap<string, Keep>,
  signal?: AbortSignal,
): Promise<void> {
  const deletion = walDeletion(backup, remaining, keeps);
  if (deletion === undefined) return;
  const keys: string[] = [];
  for await (const { key } of archive.store.list(`${joinKey(archive.root, 'wals')}/`, { signal })) {
    const name = walNameOf(key.slice(key.lastIndexOf('/') + 1));
    if (name !== undefined && deletion.deletes(name)) keys.push(key);
  }
  await archive.store.delete(keys, { signal });
}

function walNameOf(fileName: string): string | undefined {
  for (const extension of knownExtensions) {
    const name = fileName.slice(0, fileName.length - extension.length);
    if (fileName.endsWith(extension) && isWalName(name)) return name;
  }
  return undefined;
}
