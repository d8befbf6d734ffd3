import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissingFile } from '../files/atomic.ts';

/** Names of the WAL files that wait for the archiver, oldest first. */
export async function readyFiles(pgData: string): Promise<string[]> {
  try {
    const names = await readdir(join(pgData, 'pg_wal', 'archive_status'));
    return names
      .filter((name) => name.endsWith('.ready'))
      .map((name) => name.slice(0, -'.ready'.length))
      .sort();
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw error;
  }
}

/** Says of a waiting file that it is archived, as PostgreSQL's archiver does. */
export async function markDone(pgData: string, name: string): Promise<void> {
  const path = join(pgData, 'pg_wal', 'archive_status', name);
  await rename(`${path}.ready`, `${path}.done`);
}
