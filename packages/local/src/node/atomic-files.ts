/**
 * A directory whose files change together: they lie in a dated directory, `..data` is a link to it, and each name is a link through
 * `..data`. Readers see all old or all new files.
 */
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { HostUser } from './identity.ts';

export interface FileContent {
  readonly data: Buffer;
  readonly mode: number;
}

/** Files by path below the volume. */
export type Files = ReadonlyMap<string, FileContent>;

const DATA = '..data';

/** Returns whether anything changed. */
export function writeFiles(directory: string, files: Files, user: HostUser | undefined, version: string): boolean {
  const current = currentTarget(directory);
  if (current !== undefined && holds(join(directory, current), files)) return false;
  const name = `..${version}`;
  const target = join(directory, name);
  makeFolder(target, user);
  for (const [path, { data, mode }] of files) {
    const file = join(target, path);
    makeFolder(dirname(file), user);
    writeFileSync(file, data, { mode: 0o600 });
    if (user) chownSync(file, user.uid, user.gid);
    chmodSync(file, mode);
  }
  const link = join(directory, `${DATA}_new`);
  rmSync(link, { force: true });
  symlinkSync(name, link);
  renameSync(link, join(directory, DATA));
  linkNames(directory, new Set([...files.keys()].map((path) => path.split('/')[0] ?? path)));
  if (current !== undefined && current !== name) rmSync(join(directory, current), { recursive: true, force: true });
  return true;
}

function makeFolder(path: string, user: HostUser | undefined): void {
  if (mkdirSync(path, { recursive: true }) !== undefined && user) chownSync(path, user.uid, user.gid);
}

function currentTarget(directory: string): string | undefined {
  try {
    return readlinkSync(join(directory, DATA));
  } catch {
    return undefined;
  }
}

function listFiles(directory: string, prefix = ''): string[] {
  return readdirSync(join(directory, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    return entry.isDirectory() ? listFiles(directory, path) : [path];
  });
}

function holds(directory: string, files: Files): boolean {
  try {
    const present = listFiles(directory);
    if (present.length !== files.size) return false;
    return present.every((path) => files.get(path)?.data.equals(readFileSync(join(directory, path))));
  } catch {
    return false;
  }
}

function linkNames(directory: string, names: ReadonlySet<string>): void {
  for (const name of names) {
    const path = join(directory, name);
    if (!lstatSync(path, { throwIfNoEntry: false })) symlinkSync(`${DATA}/${name}`, path);
  }
  for (const name of readdirSync(directory)) {
    if (!name.startsWith('..') && !names.has(name)) rmSync(join(directory, name), { recursive: true, force: true });
  }
}
