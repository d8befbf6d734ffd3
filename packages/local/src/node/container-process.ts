/** Starts the processes of a container. Their output goes to files, so that they outlive us without blocking. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { StartError } from './command.ts';
import type { HostUser } from './identity.ts';
import { type ProcessMark, processFacts, signalProcess } from './processes.ts';

export interface ProcessOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly argv0?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly user: HostUser | undefined;
}

export interface ExitStatus {
  /** As a shell says it: 128 + signal after a signal. */
  readonly exitCode: number;
  readonly signal: number | undefined;
}

export interface ContainerProcess {
  readonly mark: ProcessMark;
  readonly exited: Promise<ExitStatus>;
  signal(signal: NodeJS.Signals): void;
}

export function exitStatus(code: number | null, signal: NodeJS.Signals | null): ExitStatus {
  if (signal === null) return { exitCode: code ?? 255, signal: undefined };
  const number = constants.signals[signal];
  return { exitCode: 128 + number, signal: number };
}

export type Stdio = number | 'pipe' | 'ignore';

/** Starts a program in a session of its own. */
export function spawnProcess(options: ProcessOptions, stdio: readonly [Stdio, Stdio, Stdio]): Promise<ChildProcess> {
  const { file, args, env, cwd, user, argv0 } = options;
  const child = spawn(file, args, {
    ...(argv0 === undefined ? {} : { argv0 }),
    env: { ...env },
    cwd,
    detached: true,
    stdio: [...stdio],
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child));
    child.once('error', (error: NodeJS.ErrnoException) => reject(new StartError(`exec: "${file}": ${error.message}`)));
  });
}

/** Starts the main process of a container and records it, so that it can be found after a crash of ours. */
export async function startContainerProcess(
  options: ProcessOptions,
  logFile: string,
  recordFile: string,
): Promise<ContainerProcess> {
  const log = openSync(logFile, 'a', 0o600);
  try {
    const child = await spawnProcess(options, ['ignore', log, log]);
    const exited = new Promise<ExitStatus>((resolve) => {
      child.once('exit', (code, signal) => resolve(exitStatus(code, signal)));
    });
    const pid = child.pid ?? 0;
    const mark = { pid, started: processFacts(pid)?.started ?? '' };
    try {
      writeDurably(recordFile, JSON.stringify(mark));
    } catch (error) {
      // A full disk, say. Nobody would know of the process after a crash of ours: it must not run.
      child.kill('SIGKILL');
      await exited;
      throw error;
    }
    return {
      mark,
      exited,
      signal: (signal) => {
        if (child.exitCode === null && child.signalCode === null) signalProcess(pid, signal);
      },
    };
  } finally {
    closeSync(log);
  }
}

/** Writes a file so that after a crash it is there as a whole, or not at all. */
export function writeDurably(path: string, text: string, mode = 0o600): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}
