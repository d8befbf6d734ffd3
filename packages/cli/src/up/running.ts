import { readFileSync, rmSync } from 'node:fs';
import { lockHolder } from '@matriarch/local';
import { CommandError } from '../errors.ts';
import { writeFileAtomic } from './files.ts';
import type { StatePaths } from './paths.ts';

/** What is known of the process that runs a state directory. */
export interface Running {
  pid: number;
  /** Tells this process from a later one with the same pid; absent where the system does not say. */
  startTime?: string;
  /** Whether everything is up. */
  ready: boolean;
}

export async function writeRunning(paths: StatePaths, ready: boolean): Promise<void> {
  const startTime = startTimeOf(process.pid);
  const running: Running = { pid: process.pid, ready, ...(startTime === undefined ? {} : { startTime }) };
  await writeFileAtomic(paths.running, `${JSON.stringify(running)}\n`, 0o644);
}

export function forgetRunning(paths: StatePaths): void {
  rmSync(paths.running, { force: true });
}

/** The process that runs a state directory, undefined when none does. */
export function findRunning(paths: StatePaths): Running | undefined {
  try {
    const running = JSON.parse(readFileSync(paths.running, 'utf8')) as Running;
    return isAlive(running) ? running : undefined;
  } catch {
    return undefined;
  }
}

/** @throws CommandError when a process runs on the state directory, or is just starting on it. */
export function refuseSecond(paths: StatePaths): void {
  const pid = findRunning(paths)?.pid ?? lockHolder(paths.root);
  if (pid !== undefined) throw inUse(paths, pid);
}

export function inUse(paths: StatePaths, pid: number): CommandError {
  return new CommandError(
    `state directory ${paths.root} is in use by process ${pid}; stop it with "matriarch down" or name another one with --state`,
  );
}

export function isAlive({ pid, startTime }: Running): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return startTime === undefined || startTimeOf(pid) === startTime;
}

/** Field 22 of /proc/PID/stat: clock ticks from boot to the start of the process (proc(5)). */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
