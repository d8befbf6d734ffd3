import { chmod, type FileHandle, link, lstat, mkdir, open, readdir, rm, symlink } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import type { TarEntry } from '../tar/header.ts';
import { readTar } from '../tar/read.ts';

/** Unpacks a tar stream below `target`. Ownership is not restored: everything belongs to the current user. */
export async function unpack(source: AsyncIterable<Buffer>, target: string): Promise<void> {
  for await (const { entry, content } of readTar(source)) {
    const path = placeOf(target, entry.name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    if (entry.type === 'file') await writeFile(path, entry, content);
    else await makeOther(target, path, entry);
  }
}

/** @throws Error for a name that would lead out of the target. */
function placeOf(target: string, name: string): string {
  const clean = normalize(name);
  if (clean.startsWith('/') || clean === '..' || clean.startsWith('../')) {
    throw new Error(`archive member "${name}" lies outside of the directory that is restored`);
  }
  return join(target, clean);
}

async function writeFile(path: string, entry: TarEntry, content: AsyncIterable<Buffer>): Promise<void> {
  const file = await open(path, 'w', entry.mode & 0o777);
  try {
    for await (const piece of content) await writeAll(file, piece);
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, piece: Buffer): Promise<void> {
  let offset = 0;
  while (offset < piece.length) offset += (await file.write(piece, offset)).bytesWritten;
}

async function makeOther(target: string, path: string, entry: TarEntry): Promise<void> {
  if (entry.type === 'directory') {
    await mkdir(path, { recursive: true, mode: 0o700 });
    // PostgreSQL refuses a data directory that group or others may write; see "Creating a Database Cluster".
    if (path === join(target, '.') || path === target) await chmod(path, entry.mode & 0o750);
    return;
  }
  await rm(path, { force: true });
  if (entry.type === 'symlink') await symlink(entry.linkName, path);
  else await link(placeOf(target, entry.linkName), path);
}

/** Files and folders synced at once. */
const syncsInFlight = 16;

/** fsyncs all files and folders below a directory, links not followed. */
export async function syncTree(root: string): Promise<void> {
  const paths = [root];
  for (let next = paths.shift(); next !== undefined; next = paths.shift()) {
    const entries = await readdir(next, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(next ?? root, name));
    for (let start = 0; start < files.length; start += syncsInFlight) {
      await Promise.all(files.slice(start, start + syncsInFlight).map(syncPath));
    }
    paths.push(...entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(next ?? root, name)));
    if ((await lstat(next)).isDirectory()) await syncPath(next);
  }
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
