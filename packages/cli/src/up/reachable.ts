import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Where root keeps copies for pods when they may not read the installation, e.g. below /root. */
const copies = '/var/lib/matriarch/images';

/** Whether everybody may enter a directory and all above it. */
export function isTraversable(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o005) !== 0o005) return false;
    if (at === dirname(at)) return true;
  }
}

/**
 * A directory that the user of a pod can read: the given one, or a copy of it. Only root needs a copy; anybody else
 * runs pods as themselves. `version` names the content: a copy with the same one is used again.
 */
export async function readableByPods(path: string, version: string): Promise<string> {
  if (process.getuid?.() !== 0 || isTraversable(path)) return path;
  const name = createHash('sha256').update(`${path}\0${version}`).digest('hex').slice(0, 16);
  const copy = join(copies, name);
  if (existsSync(copy)) return copy;
  const temporary = `${copy}.${process.pid}.tmp`;
  await mkdir(copies, { recursive: true, mode: 0o755 });
  await cp(path, temporary, { recursive: true, verbatimSymlinks: true });
  await makeReadable(temporary);
  try {
    await rename(temporary, copy);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

/** Lets everybody read a file, or all of a folder, and run what its owner may run. An installation may be private. */
export async function makeReadable(path: string): Promise<void> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) return;
  const wanted = found.mode | 0o444 | ((found.mode & 0o100) === 0 ? 0 : 0o111);
  if (wanted !== found.mode) await chmod(path, wanted & 0o7777);
  if (!found.isDirectory()) return;
  for (const name of await readdir(path)) await makeReadable(join(path, name));
}
