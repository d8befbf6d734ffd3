import type { Archive } from '../catalogue/catalogue.ts';
import { knownExtensions } from '../compression/formats.ts';
import { joinKey } from '../location.ts';
import { StoreError } from '../store.ts';
import { isWalName } from './names.ts';

/** Whether an object's name is that of a WAL file, plain or compressed. */
export function isWalObject(fileName: string): boolean {
  return knownExtensions.some(
    (extension) => fileName.endsWith(extension) && isWalName(fileName.slice(0, fileName.length - extension.length)),
  );
}

/**
 * Refuses an archive that holds WAL already: another cluster writes there, or an earlier one with this name did, and
 * mixing two histories would make both useless.
 * @throws StoreError `invalid` naming the place and the remedy.
 */
export async function checkEmptyArchive(archive: Archive, serverName: string, signal?: AbortSignal): Promise<void> {
  const prefix = `${joinKey(archive.root, 'wals')}/`;
  for await (const { key } of archive.store.list(prefix, { signal })) {
    if (!isWalObject(key.slice(key.lastIndexOf('/') + 1))) continue;
    throw new StoreError(
      'invalid',
      `WAL archive check failed for server ${serverName}: Expected empty archive, but ${archive.store.url}/${prefix} ` +
        'holds WAL; choose another destinationPath or serverName, or remove what is there',
    );
  }
}
