import { readdirSync, readFileSync } from 'node:fs';
import { dataDirectory } from '@matriarch/local';

/** One process of a pod of a running system. */
export interface PodProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  /** Name of the pod. */
  readonly pod: string;
}

/** Kinds of processes of an instance, by their command lines. */
export const commands = {
  manager: /instance\.mjs instance run/,
  postmaster: /^postgres -D /,
  backend: /^postgres: (?!.*walsender).*\[local\]|^postgres: (?!.*walsender).* 127\./,
  checkpointer: /^postgres: .*checkpointer/,
  startup: /^postgres: .*startup/,
  walreceiver: /^postgres: .*walreceiver/,
  walsender: /^postgres: .*walsender/,
  worker: /worker\.mjs/,
  operator: /operator\.mjs/,
} as const;

export type ProcessKind = keyof typeof commands;

/**
 * All processes of all pods of a state directory. A process belongs to the pod that its environment names, else to its
 * parent's: those of PostgreSQL overwrite theirs with their titles.
 */
export function processTable(state: string): PodProcess[] {
  const folder = `${dataDirectory(state)}/`;
  const all = new Map(
    readdirSync('/proc')
      .map(Number)
      .flatMap((pid) => (pid > 0 ? facts(pid) : []))
      .map((found) => [found.pid, found]),
  );
  const podOf = (pid: number): string => {
    const found = all.get(pid);
    if (found === undefined || pid === process.pid) return '';
    if (found.hostsFile?.startsWith(folder)) return found.pod;
    return found.command.startsWith('postgres: ') ? podOf(found.parent) : '';
  };
  return [...all.values()].flatMap(({ pid, parent, command }) => {
    const pod = podOf(pid);
    return pod === '' ? [] : [{ pid, parent, command, pod }];
  });
}

interface Facts {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly pod: string;
  readonly hostsFile: string | undefined;
}

function facts(pid: number): Facts[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return [];
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const value = (name: string) => environment.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
    const pod = value('POD_NAME') ?? value('HOSTNAME') ?? '';
    return [{ pid, parent: Number(parent), command, pod, hostsFile: value('MATRIARCH_HOSTS_FILE') }];
  } catch {
    return [];
  }
}

/** The one process of a kind, in a pod where it is of an instance. */
export function processOf({ state }: { readonly state: string }, kind: ProcessKind, pod?: string): number {
  const found = processTable(state).filter(
    (entry) => commands[kind].test(entry.command) && (pod === undefined || entry.pod === pod),
  );
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} processes are a ${kind}`);
  return first.pid;
}

/** Resident memory in MiB. */
export function residentMiB(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? Number.NaN) / 1024;
}

/** Sends a signal to processes that may be gone. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
