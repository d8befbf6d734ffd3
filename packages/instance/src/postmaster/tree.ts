import { readdir, readFile, readlink, realpath } from 'node:fs/promises';

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

/** Processes named postgres that work in the data directory. Empty where there is no /proc. */
async function serverProcesses(pgData: string): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  const directory = await realpath(pgData).catch(() => pgData);
  const found = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => ((await worksIn(name, directory)) ? [Number(name)] : [])),
  );
  return found.flat();
}

async function worksIn(pid: string, directory: string): Promise<boolean> {
  try {
    if ((await readFile(`/proc/${pid}/comm`, 'utf8')) !== 'postgres\n') return false;
    return (await readlink(`/proc/${pid}/cwd`)) === directory;
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
