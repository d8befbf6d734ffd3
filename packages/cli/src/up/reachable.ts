import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { chmod, cp, mkdir, rename, rm } from 'node:fs/promises';
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
  await chmod(temporary, 0o755);
  try {
    await rename(temporary, copy);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}
