import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Archive } from '../catalogue/catalogue.ts';
import { compressor, extensionOf } from '../compression/formats.ts';
import type { WalOptions } from '../config.ts';
import { joinKey } from '../location.ts';
import { StoreError } from '../store.ts';
import { isHistoryName, isWalName, walPath } from './names.ts';

export interface ArchiveOptions extends WalOptions {
  tags?: Readonly<Record<string, string>> | undefined;
  historyTags?: Readonly<Record<string, string>> | undefined;
  signal?: AbortSignal | undefined;
}

/** The largest segment size of PostgreSQL is 1 GiB; a compressed segment is held in memory only below this. */
const maxInMemory = 256 * 1024 * 1024;

/**
 * Archives one WAL file. Resolves only when the store has acknowledged the whole object, so a segment may then be
 * recycled. A segment that was archived before is overwritten with the same content.
 * @throws StoreError
 */
export async function archiveWal(archive: Archive, path: string, options: ArchiveOptions): Promise<{ bytes: number }> {
  const name = basename(path);
  if (!isWalName(name)) throw new StoreError('invalid', `"${name}" is not the name of a WAL file`);
  const key = joinKey(archive.root, 'wals', walPath(name)) + extensionOf(options.compression);
  const { size } = await stat(path);
  if (size > maxInMemory) throw new StoreError('invalid', `WAL file ${name} of ${size} bytes is larger than 256 MiB`);
  const body = await compressed(path, options);
  const own = options.tags;
  const tags = isHistoryName(name) && Object.keys(options.historyTags ?? {}).length > 0 ? options.historyTags : own;
  await archive.store.put(key, body, { encryption: options.encryption, tags, signal: options.signal });
  return { bytes: body.length };
}

/** A put needs the length beforehand, and a compressed segment is small, so it is gathered in memory. */
async function compressed(path: string, options: ArchiveOptions): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const gather = async (source: AsyncIterable<Buffer>) => {
    for await (const piece of source) pieces.push(piece);
  };
  const source = createReadStream(path, { highWaterMark: 1024 * 1024 });
  const stream = compressor(options.compression, 'wal');
  const settings = options.signal === undefined ? {} : { signal: options.signal };
  if (stream === undefined) await pipeline(source, gather, settings);
  else await pipeline(source, stream, gather, settings);
  return Buffer.concat(pieces);
}
