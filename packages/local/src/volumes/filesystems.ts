/**
 * File systems in files, mounted through loop devices: Linux, and root who may mount. The device is freed by the kernel when
 * the mount ends, however that comes about, so none can be left over.
 */
import { execFile } from 'node:child_process';
import { readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A frozen or broken file system must not hold up everything else. */
const TIMEOUT_MS = 30_000;

export type FileSystem = 'ext4' | 'xfs';

export const isFileSystem = (text: string): text is FileSystem => text === 'ext4' || text === 'xfs';

/** Blocks kept back for root would be room that the pods do not have. */
const MAKERS: Readonly<Record<FileSystem, readonly string[]>> = {
  ext4: ['mkfs.ext4', '-q', '-m', '0', '-b', '4096', '-E', 'lazy_itable_init=1,lazy_journal_init=1,nodiscard'],
  xfs: ['mkfs.xfs', '-q', '-K'],
};

const PACKAGES: Readonly<Record<FileSystem, string>> = { ext4: 'e2fsprogs', xfs: 'xfsprogs' };

async function call(program: string, ...args: readonly string[]): Promise<string> {
  try {
    return (await run(program, args, { timeout: TIMEOUT_MS, killSignal: 'SIGKILL' })).stdout;
  } catch (error) {
    const { stderr = '', code } = error as { stderr?: string; code?: number | string };
    const cause = code === 'ENOENT' ? 'the program is not installed' : stderr.trim() || String(error);
    throw new Error(`${program}: ${cause}`, { cause: error });
  }
}

/** Makes a file of this size with a file system in it. A file that is there is left as it is. */
export async function makeImage(file: string, kind: FileSystem, bytes: number): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error('volumes with a file system of their own need root on Linux: use another StorageClass');
  }
  const temporary = `${file}.new`;
  await rm(temporary, { force: true });
  await writeFile(temporary, '', { mode: 0o600 });
  await truncate(temporary, bytes);
  const [program = '', ...args] = MAKERS[kind];
  try {
    await call(program, ...args, temporary);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new Error(`a file system ${kind} of ${bytes} bytes cannot be made (Debian package ${PACKAGES[kind]})`, {
      cause: error,
    });
  }
  await rename(temporary, file);
}

export interface Mount {
  readonly device: string;
  readonly directory: string;
  readonly type: string;
}

/** Parses /proc/self/mountinfo. */
export function parseMounts(text: string): Mount[] {
  const plain = (field: string) =>
    field.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
  return text.split('\n').flatMap((line) => {
    const [left, right] = line.split(' - ');
    const directory = left?.split(' ')[4];
    const [type, device] = right?.split(' ') ?? [];
    if (directory === undefined || type === undefined || device === undefined) return [];
    return [{ directory: plain(directory), type, device: plain(device) }];
  });
}

export async function mountsBelow(directory: string): Promise<Mount[]> {
  if (process.platform !== 'linux') return [];
  const mounts = parseMounts(await readFile('/proc/self/mountinfo', 'utf8'));
  return mounts.filter((mount) => mount.directory.startsWith(`${directory}/`));
}

export async function mountImage(file: string, directory: string): Promise<void> {
  await call('mount', '-o', 'loop,nosuid,nodev', file, directory);
}

/** Makes file and mounted file system as large as this; never smaller. */
export async function growImage(file: string, mount: Mount, bytes: number): Promise<void> {
  await truncate(file, bytes);
  await call('losetup', '--set-capacity', mount.device);
  if (mount.type === 'xfs') {
    await call('xfs_growfs', mount.directory);
    return;
  }
  try {
    await call('resize2fs', mount.device);
  } catch (error) {
    if (!String(error).includes('Permission denied')) throw error;
    throw new Error('ext4 grows only for a root that has CAP_SYS_RESOURCE: use the file system xfs', { cause: error });
  }
}

/** Ends a mount; one that is still used goes when it is used no more. */
export async function unmount(directory: string): Promise<void> {
  await call('umount', directory).catch(() => call('umount', '--lazy', directory));
}

/** Lets writers go on that wait for a file system frozen with fsfreeze: until then not even SIGKILL ends them. */
export async function thawBelow(directory: string): Promise<void> {
  for (const mount of await mountsBelow(directory)) {
    // One that is not frozen refuses.
    await call('fsfreeze', '--unfreeze', mount.directory).catch(() => undefined);
  }
}
