import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { realpath } from 'node:fs/promises';

/**
 * Kills a server with all its processes. When it resolves, none of them will run a single instruction of its program
 * any more: a process with SIGKILL pending never returns from the kernel, however long its last system call hangs.
 */
export async function killServer(pid: number, pgData: string): Promise<void> {
  // Stopped, it starts no more processes; then the look is complete.
  signalQuietly(pid, 'SIGSTOP');
  const others = await serverProcesses(pgData);
  for (const each of [pid, ...others]) signalQuietly(each, 'SIGKILL');
}

/**
 * Kills what a postmaster that ended by itself left behind. Its processes end when they notice, which may be after the
 * next answer to a client.
 */
export async function killLeftovers(pgData: string): Promise<number> {
  const left = await serverProcesses(pgData);
  for (const pid of left) signalQuietly(pid, 'SIGKILL');
  return left.length;
}

/**
 * Processes named postgres that work in the data directory. Empty where there is no /proc. A failover waits for it: reads
 * from the kernel's memory take microseconds, and many times as long by way of the thread pool.
 */
async function serverProcesses(pgData: string): Promise<number[]> {
  const directory = await realpath(pgData).catch(() => pgData);
  return listProc()
    .filter((name) => /^\d+$/.test(name) && worksIn(name, directory))
    .map(Number);
}

function listProc(): string[] {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}

function worksIn(pid: string, directory: string): boolean {
  try {
    if (readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'postgres\n') return false;
    return readlinkSync(`/proc/${pid}/cwd`) === directory;
  } catch {
    // It has ended meanwhile, or is another user's.
    return false;
  }
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
