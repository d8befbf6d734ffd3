import { spawn } from 'node:child_process';
import { ensureFifos, openForChild } from '../logs/fifo.ts';
import type { StopPhase } from './shutdown.ts';
import { stopSignals } from './shutdown.ts';
import { killLeftovers, killServer } from './tree.ts';

export interface PostmasterExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running postmaster, a child of this process. */
export interface PostmasterProcess {
  readonly pid: number;
  readonly exited: Promise<PostmasterExit>;
  kill(signal: NodeJS.Signals): void;
  /** True once every process of the server was killed; it can answer nobody, even if the kernel has not let go of it. */
  readonly killed: boolean;
  /** Kills the server with all its processes; resolves when none can run any more. */
  killAll(): Promise<void>;
}

export interface LaunchOptions {
  readonly pgData: string;
  readonly bindAddress: string | undefined;
  /** Pipe that takes standard output and error. */
  readonly logPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function postmasterArguments(pgData: string, bindAddress: string | undefined): readonly string[] {
  return ['-D', pgData, ...(bindAddress === undefined ? [] : ['-c', `listen_addresses=${bindAddress}`])];
}

/** The environment without what the `manager` script sets for Node alone. */
export function withoutOwn<V>(environment: Readonly<Record<string, V>>): Record<string, V> {
  const { MALLOC_ARENA_MAX: _arenas, UV_THREADPOOL_SIZE: _threads, ...rest } = environment;
  return rest;
}

/**
 * Starts postgres; rejects when the program cannot be started at all. The server is given a descriptor of each named pipe of
 * `held`, which it does not use: while it lives the pipe has a reader and a writer, so that nothing that is written there
 * is lost, and nobody gets a broken pipe, while one manager goes and the next one comes.
 */
export async function launchPostmaster(
  options: LaunchOptions,
  held: readonly string[] = [],
): Promise<PostmasterProcess> {
  await ensureFifos(held);
  const output = openForChild(options.logPath);
  const kept = held.map(openForChild);
  try {
    const child = spawn('postgres', postmasterArguments(options.pgData, options.bindAddress), {
      stdio: ['ignore', output.descriptor, output.descriptor, ...kept.map(({ descriptor }) => descriptor)],
      cwd: options.pgData,
      env: {
        ...withoutOwn(options.environment),
        PG_OOM_ADJUST_FILE: '/proc/self/oom_score_adj',
        PG_OOM_ADJUST_VALUE: '0',
      },
    });
    const exited = new Promise<PostmasterExit>((resolve) =>
      child.once('exit', (code, signal) => {
        // Until nobody is left who could answer a client, the server has not ended.
        void killLeftovers(options.pgData).then(() => resolve({ code, signal }));
      }),
    );
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) =>
        reject(new Error('postgres could not be started: is it on the PATH?', { cause: error })),
      );
    });
    let killed = false;
    const pid = child.pid ?? 0;
    return {
      pid,
      exited,
      kill: (signal) => void child.kill(signal),
      get killed() {
        return killed;
      },
      async killAll() {
        await killServer(pid, options.pgData);
        killed = true;
      },
    };
  } finally {
    for (const { close } of [output, ...kept]) close();
  }
}

/**
 * Stops a postmaster phase by phase; resolves to the phase that did it. `hurry` ends a smart phase at once.
 */
export async function stopProcess(
  target: PostmasterProcess,
  plan: readonly StopPhase[],
  hurry: AbortSignal,
): Promise<StopPhase | undefined> {
  for (const phase of plan) {
    if (phase.mode === 'smart' && hurry.aborted) continue;
    if (phase.mode === 'kill') await target.killAll();
    else target.kill(stopSignals[phase.mode]);
    const skippable = phase.mode === 'smart' ? hurry : undefined;
    if (await exitsWithin(target, phase.timeoutMs, skippable)) return phase;
  }
  return undefined;
}

async function exitsWithin(
  target: PostmasterProcess,
  timeoutMs: number,
  skip: AbortSignal | undefined,
): Promise<boolean> {
  const done = new AbortController();
  const timeout = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), Math.min(timeoutMs, 2 ** 31 - 1));
    const stop = () => resolve(false);
    skip?.addEventListener('abort', stop, { once: true });
    done.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      skip?.removeEventListener('abort', stop);
    });
  });
  try {
    return await Promise.race([target.exited.then(() => true), timeout]);
  } finally {
    done.abort();
  }
}
