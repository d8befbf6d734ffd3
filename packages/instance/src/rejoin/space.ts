import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissingFile } from '../files/atomic.ts';

/** Bytes that the files below a directory take on disk; links are not followed. */
export async function directoryBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    bytes += await fileBytes(join(entry.parentPath, entry.name));
  }
  return bytes;
}

async function fileBytes(path: string): Promise<number> {
  try {
    return (await lstat(path)).blocks * 512;
  } catch (error) {
    if (isMissingFile(error)) return 0;
    throw error;
  }
}
