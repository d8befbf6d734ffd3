import { cp, lstat, mkdir, readlink, realpath, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissingFile } from '../files/atomic.ts';

/**
 * Moves pg_wal to the WAL volume and leaves a symbolic link. The content is copied under a temporary name first, so a
 * crash at any point leaves either the old directory or a complete new one; the next start goes on.
 *
 * The link holds the path on the volume itself: pods that share one file system mount a volume at different places. A
 * link to another place is set right, as long as the WAL is on the volume: the data may have come from elsewhere.
 */
export async function moveWal(pgData: string, walVolume: string): Promise<boolean> {
  const source = join(pgData, 'pg_wal');
  const volume = await realpath(walVolume);
  const target = join(volume, 'pg_wal');
  const entry = await statOrUndefined(source);
  if (entry?.isSymbolicLink() === true) return relink(source, target);
  const temporary = join(volume, 'pg_wal.moving');
  await rm(temporary, { recursive: true, force: true });
  if (entry !== undefined) {
    await rm(target, { recursive: true, force: true });
    await cp(source, temporary, { recursive: true, preserveTimestamps: true });
    await rename(temporary, target);
    await rename(source, `${source}.moved`);
  } else {
    await mkdir(target, { recursive: true, mode: 0o700 });
  }
  await symlink(target, source);
  await rm(`${source}.moved`, { recursive: true, force: true });
  return true;
}

async function relink(link: string, target: string): Promise<boolean> {
  if ((await readlink(link)) === target || (await statOrUndefined(target)) === undefined) return false;
  await rm(`${link}.new`, { force: true });
  await symlink(target, `${link}.new`);
  await rename(`${link}.new`, link);
  return true;
}

async function statOrUndefined(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}
