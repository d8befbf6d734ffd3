import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { processesOf } from '../../tests/e2e/support/matriarch.ts';

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All processes of this machine with their parents. */
export function processTable(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return [{ pid: Number(name), parent, command }];
      } catch {
        return [];
      }
    });
}

/** A process with everything below it, itself first. */
export function withDescendants(table: readonly Process[], root: number): Process[] {
  const own = table.filter(({ pid }) => pid === root);
  const below = table.filter(({ parent }) => parent === root);
  return [...own, ...below.flatMap(({ pid }) => withDescendants(table, pid))];
}

/** All processes of a pod; those of PostgreSQL have overwritten their environment and are found by their parents. */
export function podProcesses(state: string, pod: string): Process[] {
  const table = processTable();
  const roots = processesOf(state).filter((pid) => variable(pid, 'POD_NAME') === pod);
  const all = roots.flatMap((pid) => withDescendants(table, pid));
  return [...new Map(all.map((process) => [process.pid, process])).values()];
}

function variable(pid: number, name: string): string | undefined {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
  } catch {
    return undefined;
  }
}

/** The postmaster among the processes of a pod. */
export function postmasterOf(processes: readonly Process[]): number {
  const found = processes.find(({ command }) => /^\S*postgres -D /.test(command));
  if (found === undefined) throw new Error('no postmaster is among the processes');
  return found.pid;
}

export function operatorOf(state: string): number {
  const table = new Map(processTable().map((process) => [process.pid, process]));
  const found = processesOf(state).find((pid) => table.get(pid)?.command.includes('operator.mjs'));
  if (found === undefined) throw new Error('the operator does not run');
  return found;
}

/** Sends a signal to each; one that has ended meanwhile is no error. */
export function signalAll(pids: Iterable<number>, signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended meanwhile.
    }
  }
}

export interface Frozen {
  /** When the last process stood still, by performance.now(). */
  readonly at: number;
  thaw(): void;
}

/** Stops processes as a machine does that is lost without notice; those that they start meanwhile are stopped too. */
export async function freeze(list: () => readonly Process[]): Promise<Frozen> {
  const stopped = new Set<number>();
  const first = list().map(({ pid }) => pid);
  signalAll(first, 'SIGSTOP');
  const at = performance.now();
  for (const pid of first) stopped.add(pid);
  for (let round = 0; round < 3; round += 1) {
    await delay(20);
    const more = list().filter(({ pid }) => !stopped.has(pid));
    signalAll(
      more.map(({ pid }) => pid),
      'SIGSTOP',
    );
    for (const { pid } of more) stopped.add(pid);
  }
  return { at, thaw: () => signalAll(stopped, 'SIGCONT') };
}
