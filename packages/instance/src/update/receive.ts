import { createHash, randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { managerFiles, managerHashFile } from '@matriarch/api';
import { readTar, type TarMember } from '@matriarch/objectstore';
import { makeDirectory, syncDirectory, writeFileAtomic } from '../files/atomic.ts';

/** More than any instance manager has; the volume is shared with PostgreSQL's temporary files. */
export const largestProgram = 512 * 1024 * 1024;

/** A received instance manager, flushed to disc, in a folder that nothing refers to yet. */
export interface ReceivedProgram {
  readonly folder: string;
  readonly hash: string;
}

/** Prefix of folders that a kill may leave behind. */
export const incomingPrefix = 'incoming-';

/**
 * Writes the files of the archive into a new folder below `versions` as they come in. Nothing but the files of an
 * instance manager is taken; whatever goes wrong, nothing is left.
 */
export async function receiveProgram(source: AsyncIterable<Buffer>, versions: string): Promise<ReceivedProgram> {
  await makeDirectory(versions);
  const folder = join(versions, `${incomingPrefix}${randomBytes(4).toString('hex')}`);
  await makeDirectory(folder);
  try {
    const hash = createHash('sha256');
    const missing = new Set<string>(managerFiles);
    for await (const member of readTar(hashed(source, hash))) {
      const { name, type } = member.entry;
      if (type !== 'file' || !missing.delete(name)) throw new Error(`the archive holds "${name}" (${type})`);
      await writeMember(folder, member);
    }
    if (missing.size > 0) throw new Error(`the archive lacks ${[...missing].join(', ')}`);
    const digest = hash.digest('hex');
    await writeFileAtomic(join(folder, managerHashFile), `${digest}\n`, { mode: 0o640 });
    await syncDirectory(folder);
    return { folder, hash: digest };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function* hashed(
  source: AsyncIterable<Buffer>,
  hash: { update(piece: Buffer): unknown },
): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const piece of source) {
    size += piece.length;
    if (size > largestProgram) throw new Error(`the archive is longer than ${largestProgram} bytes`);
    hash.update(piece);
    yield piece;
  }
}

const partSize = 1024 * 1024;

/** The pieces of a connection are small; fewer, greater writes take a fraction of the time. */
async function* inParts(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of content) {
    pieces.push(piece);
    size += piece.length;
    if (size < partSize) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(pieces);
}

async function writeMember(folder: string, { entry, content }: TarMember): Promise<void> {
  const executable = entry.name === 'manager' || entry.name === 'node';
  const file = await open(join(folder, entry.name), 'wx', executable ? 0o750 : 0o640);
  try {
    for await (const part of inParts(content)) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}
