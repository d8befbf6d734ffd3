import { readdir } from 'node:fs/promises';
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
