import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { blockSize, encodeHeader, paddingOf } from './header.ts';

const endMark = Buffer.alloc(2 * blockSize);
const pieceSize = 256 * 1024;

/**
 * Plain files of one folder as a tar archive. Its bytes depend on the names and the contents alone, not on order, owner, mode
 * or time: whoever packs the same files gets the same archive, and so the same hash.
 */
export async function* packFiles(folder: string, names: readonly string[]): AsyncGenerator<Buffer> {
  for (const name of names.toSorted()) {
    const path = join(folder, name);
    const { size } = await stat(path);
    yield encodeHeader({ name, type: 'file', size, mode: 0o755, uid: 0, gid: 0, mtime: 0, linkName: '' });
    let left = size;
    for await (const piece of createReadStream(path, { highWaterMark: pieceSize }) as AsyncIterable<Buffer>) {
      left -= piece.length;
      if (left < 0) break;
      yield piece;
    }
    if (left !== 0) throw new Error(`${path} changed its size while it was read: try again`);
    yield Buffer.alloc(paddingOf(size));
  }
  yield endMark;
}

/** Length of the archive that packFiles makes. */
export async function packedSize(folder: string, names: readonly string[]): Promise<number> {
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + blockSize + size + paddingOf(size), endMark.length);
}

/** SHA-256 (hex) of the archive that packFiles makes. */
export async function packedHash(folder: string, names: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(packFiles(folder, names), hash);
  return hash.digest('hex');
}
