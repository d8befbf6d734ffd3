import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Archive } from '../catalogue/catalogue.ts';
import { decompressor, knownExtensions } from '../compression/formats.ts';
import { joinKey } from '../location.ts';
import { isHistoryName, walPath } from './names.ts';

/** Where a WAL file is in the store, with the extension of its compression. */
export interface WalObject {
  key: string;
  extension: string;
}

/**
 * Finds the object of a WAL file: the whole segment, compressed or not, and a partial one only when nothing else is
 * there. Undefined: the archive does not hold it. Rejects when the store cannot tell.
 */
export async function findWal(archive: Archive, name: string, signal?: AbortSignal): Promise<WalObject | undefined> {
  const prefix = joinKey(archive.root, 'wals', walPath(name));
  const found = new Set<string>();
  for await (const { key } of archive.store.list(prefix, { signal })) found.add(key);
  const bases = isHistoryName(name) ? [prefix] : [prefix, `${prefix}.partial`];
  for (const base of bases) {
    const extension = knownExtensions.find((candidate) => found.has(base + candidate));
    if (extension !== undefined) return { key: base + extension, extension };
  }
  return undefined;
}

/**
 * Fetches a WAL file to `destination`, complete or not at all (temporary name, fsync, rename).
 * Resolves to false when the archive does not hold it; rejects when that cannot be told.
 */
export async function restoreWal(
  archive: Archive,
  name: string,
  destination: string,
  signal?: AbortSignal,
  /** Ends the search for the object, which takes moments where the store answers at all. */
  findSignal: AbortSignal | undefined = signal,
): Promise<boolean> {
  const object = await findWal(archive, name, findSignal);
  if (object === undefined) return false;
  const temporary = `${destination}.${randomUUID()}.tmp`;
  try {
    const { body } = await archive.store.get(object.key, { signal });
    const stream = decompressor(object.extension);
    const file = createWriteStream(temporary, { mode: 0o600, flush: true });
    if (stream === undefined) await pipeline(body, file);
    else await pipeline(body, stream, file);
    await rename(temporary, destination);
    await syncFolder(dirname(destination));
    return true;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
