import { readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** What a postmaster says of itself in the last line of postmaster.pid. */
export type PostmasterStatus = 'starting' | 'stopping' | 'ready' | 'standby';

export interface PostmasterPid {
  readonly pid: number;
  /** Seconds since 1970. */
  readonly startedAt: number;
  readonly port: number;
  readonly socketDirectory: string;
  /** Undefined before the server wrote it. */
  readonly status: PostmasterStatus | undefined;
}

const statuses: readonly string[] = ['starting', 'stopping', 'ready', 'standby'] satisfies PostmasterStatus[];

const isStatus = (text: string): text is PostmasterStatus => statuses.includes(text);

/** The content of postmaster.pid; undefined while it is empty or holds no number. */
export function parsePostmasterPid(text: string): PostmasterPid | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  if (!Number.isSafeInteger(pid) || pid === 0) return undefined;
  const status = lines[7] ?? '';
  return {
    pid,
    startedAt: Number(lines[2] ?? 0),
    port: Number(lines[3] ?? 0),
    socketDirectory: lines[4] ?? '',
    status: isStatus(status) ? status : undefined,
  };
}

/** Undefined when no server has written the file, or has removed it at its end. */
export async function readPostmasterPid(pgData: string): Promise<PostmasterPid | undefined> {
  try {
    return parsePostmasterPid(await readFile(join(pgData, 'postmaster.pid'), 'utf8'));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * The postmaster that runs in this data directory, for adoption; undefined when there is none. Process numbers are
 * used again, in a container sooner than elsewhere, so the process must work in the directory too (Linux), and a
 * zombie counts as dead.
 */
export async function findRunningPostmaster(pgData: string): Promise<PostmasterPid | undefined> {
  const file = await readPostmasterPid(pgData);
  if (file === undefined || !(await isAlive(file.pid))) return undefined;
  if (process.platform !== 'linux') return file;
  try {
    const directory = await readlink(`/proc/${file.pid}/cwd`);
    return directory === (await realpath(pgData)) ? file : undefined;
  } catch (error) {
    // Another user's process hides its directory; then the number has to do.
    return isMissing(error) ? undefined : file;
  }
}

/** Whether the process runs. On Linux its state tells a zombie, which answers signals although it has ended. */
export async function isAlive(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return answersSignals(pid);
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name before the last parenthesis may hold anything.
    const state = stat.charAt(stat.lastIndexOf(')') + 2);
    return state !== 'Z' && state !== 'X';
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function answersSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
}
