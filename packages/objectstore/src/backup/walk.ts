import { lstat, open, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeHeader, paddingOf, type TarEntry } from '../tar/header.ts';
import { isEmptied, isSkipped } from './exclude.ts';
import type { ArchiveSeries } from './series.ts';

const readSize = 1024 * 1024;

/** Whether an error says that a file went away, which is normal while the server runs. */
function isVanished(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

async function ignoringVanished<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isVanished(error)) return undefined;
    throw error;
  }
}

function nameInArchive(path: string): string {
  if (path === '') return '.';
  return path.includes('/') ? path : `./${path}`;
}

/**
 * Stores a directory tree: entries in order of their names, files as they are at the moment of reading. A file that
 * shrinks is filled up with zeros and one that grows is cut off; WAL replay repairs both.
 * Links to directories (a WAL volume, tablespaces) are left out; `skip` names further paths below `root` to leave out.
 */
export async function storeTree(
  series: ArchiveSeries,
  root: string,
  skip: ReadonlySet<string>,
  signal: AbortSignal | undefined,
  path = '',
): Promise<void> {
  signal?.throwIfAborted();
  const absolute = join(root, path);
  const info = await ignoringVanished(lstat(absolute));
  if (info === undefined || skip.has(path)) return;
  const name = nameInArchive(path);
  const base = {
    name,
    mode: info.mode,
    uid: info.uid,
    gid: info.gid,
    mtime: info.mtimeMs / 1000,
    linkName: '',
    size: 0,
  };
  if (info.isSymbolicLink()) {
    await storeLink(series, absolute, base);
  } else if (info.isFile()) {
    await storeFile(series, absolute, { ...base, type: 'file' });
  } else if (info.isDirectory()) {
    await series.beginMember();
    await series.write(encodeHeader({ ...base, type: 'directory', name: path === '' ? '.' : name }));
    const names = isEmptied(path) ? [] : ((await ignoringVanished(readdir(absolute))) ?? []);
    for (const child of names.sort()) {
      const childPath = path === '' ? child : `${path}/${child}`;
      if (!isSkipped(childPath)) await storeTree(series, root, skip, signal, childPath);
    }
  }
}

async function storeLink(series: ArchiveSeries, absolute: string, base: Omit<TarEntry, 'type'>): Promise<void> {
  const target = await ignoringVanished(readlink(absolute));
  const followed = await ignoringVanished(stat(absolute));
  if (target === undefined || followed?.isDirectory()) return;
  await series.beginMember();
  await series.write(encodeHeader({ ...base, type: 'symlink', linkName: target }));
}

/** Stores one file under the size it has when it is opened. */
export async function storeFile(series: ArchiveSeries, absolute: string, entry: TarEntry): Promise<void> {
  const file = await ignoringVanished(open(absolute, 'r'));
  if (file === undefined) return;
  try {
    const { size } = await file.stat();
    await series.beginMember();
    await series.write(encodeHeader({ ...entry, size }));
    let left = size;
    while (left > 0) {
      // A fresh buffer for each piece: the one given away is still being compressed.
      const piece = Buffer.allocUnsafe(Math.min(left, readSize));
      const { bytesRead } = await file.read(piece, 0, piece.length);
      await series.write(bytesRead === 0 ? piece.fill(0) : piece.subarray(0, bytesRead));
      left -= bytesRead === 0 ? piece.length : bytesRead;
    }
    await series.write(Buffer.alloc(paddingOf(size)));
  } finally {
    await file.close();
  }
}

/** Stores text that is in no file. */
export async function storeText(series: ArchiveSeries, name: string, text: string, gid: number): Promise<void> {
  const body = Buffer.from(text);
  const entry: TarEntry = { name, type: 'file', size: body.length, mode: 0o644, uid: 0, gid, mtime: 0, linkName: '' };
  await series.beginMember();
  await series.write(Buffer.concat([encodeHeader(entry), body, Buffer.alloc(paddingOf(body.length))]));
}
