/**
 * The life of the postmaster.
 *
 *   down ----start----> starting ----accepts----> running
 *    ^                     |                         |
 *    |<------- exit -------+-------- stop ---------->+--> stopping ---exit---> down
 *                                                             '-- not even by SIGKILL --> killed ---exit---> down
 *
 * A manager that takes the place of another one in the same process (an update) goes from `down` to `running` or
 * `starting` by `adopt`; from there on nothing differs but how the end of the server is seen.
 *
 * Invariant: at most one postmaster works in the data directory. It is a child of this process, a second `start` is refused
 * unless the state is `down`, and a process left behind by an earlier manager is ended before the first start.
 *
 * - `starting` ends when the server writes `ready` or `standby` into postmaster.pid, which it does the moment it
 *   accepts connections; a standby that has to read much WAL first stays in `starting` for as long as that takes.
 * - An exit that nobody asked for (`starting` or `running`) is told to the listeners as `crashed`; what follows is
 *   not decided here.
 * - A crash of the manager between any two steps leaves either no process or an orphan, and at worst a stale
 *   postmaster.pid: `endOrphan` at the next start deals with both.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findRunningPostmaster, readPostmasterPid } from '@matriarch/postgres';
import type { Logger } from '../logger.ts';
import { adoptProcess, type ProcessMark } from './adopted.ts';
import {
  type LaunchOptions,
  launchPostmaster,
  type PostmasterExit,
  type PostmasterProcess,
  stopProcess,
} from './process.ts';
import type { StopPhase, StopReason } from './shutdown.ts';

/** `killed`: every process was sent SIGKILL and runs no more, but the kernel has not let go of it, as on a hung disk. */
export type LifecycleState = 'down' | 'starting' | 'running' | 'stopping' | 'killed';

export type LifecycleEvent =
  | { readonly kind: 'state'; readonly state: LifecycleState }
  | { readonly kind: 'crashed'; readonly exit: PostmasterExit };

export interface Lifecycle {
  readonly state: LifecycleState;
  /** Launches postgres; resolves when the process runs, not when it accepts connections. */
  start(options: LaunchOptions): Promise<void>;
  /** Takes over the postmaster of the manager before us; resolves to false when it has ended meanwhile. */
  adopt(mark: ProcessMark, pgData: string): Promise<boolean>;
  /** Resolves when it accepts connections; rejects when it ends instead, or when the signal is aborted. */
  whenRunning(signal: AbortSignal): Promise<void>;
  /** Stops postgres if it runs; resolves when it has ended, or when it was killed and cannot end. */
  stop(reason: StopReason, plan: readonly StopPhase[]): Promise<void>;
  /** Ends the smart phase of this and every later stop. */
  hurry(): void;
  /** Asks the server to read its configuration again. */
  reload(): void;
  /** The listener is called for every change; the returned function removes it. */
  onEvent(listener: (event: LifecycleEvent) => void): () => void;
  /** Process number of the server, while there is one. */
  readonly pid: number | undefined;
}

export interface LifecycleDependencies {
  readonly logger: Logger;
  /** Runs before a stop that is not immediate, while the server still answers: checkpoint, closing of connections. */
  readonly beforeStop: (reason: StopReason) => Promise<void>;
  /** Named pipes that the server keeps open for its commands and its log. */
  readonly heldPipes?: readonly string[];
}

const acceptPollMs = 10;

export function createLifecycle(dependencies: LifecycleDependencies): Lifecycle {
  const { logger } = dependencies;
  const listeners = new Set<(event: LifecycleEvent) => void>();
  const hurried = new AbortController();
  let state: LifecycleState = 'down';
  let running: PostmasterProcess | undefined;

  const emit = (event: LifecycleEvent) => {
    for (const listener of listeners) listener(event);
  };
  const enter = (next: LifecycleState) => {
    state = next;
    emit({ kind: 'state', state });
  };

  const onExit = (exit: PostmasterExit) => {
    const asked = state === 'stopping' || state === 'killed';
    running = undefined;
    logger.info({ code: exit.code, signal: exit.signal, asked }, 'PostgreSQL ended');
    enter('down');
    if (!asked) emit({ kind: 'crashed', exit });
  };

  const watchAcceptance = async (target: PostmasterProcess, pgData: string) => {
    while (running === target && state === 'starting') {
      const file = await readPostmasterPid(pgData).catch(() => undefined);
      const accepts = file?.pid === target.pid && (file.status === 'ready' || file.status === 'standby');
      if (accepts && running === target && state === 'starting') enter('running');
      else await sleep(acceptPollMs);
    }
  };

  return {
    get state() {
      return state;
    },
    get pid() {
      return running?.pid;
    },
    async start(options) {
      if (state !== 'down') throw new Error(`PostgreSQL cannot be started while it is ${state}`);
      enter('starting');
      try {
        running = await launchPostmaster(options, dependencies.heldPipes);
      } catch (error) {
        enter('down');
        throw error;
      }
      void running.exited.then(onExit);
      void watchAcceptance(running, options.pgData);
    },
    async adopt(mark, pgData) {
      if (state !== 'down') throw new Error(`PostgreSQL cannot be adopted while it is ${state}`);
      const found = await findRunningPostmaster(pgData);
      const target = found?.pid === mark.pid ? adoptProcess(mark, pgData) : undefined;
      if (found === undefined || target === undefined) return false;
      running = target;
      enter(found.status === 'ready' || found.status === 'standby' ? 'running' : 'starting');
      void target.exited.then(onExit);
      void watchAcceptance(target, pgData);
      return true;
    },
    whenRunning: (signal) => whenRunning(() => state, listeners, signal),
    async stop(reason, plan) {
      const target = running;
      if (target === undefined) return;
      if (state === 'stopping' || state === 'killed') {
        if (plan[0]?.mode === 'kill' && !target.killed) await stopProcess(target, plan, hurried.signal);
        else if (state === 'stopping') await target.exited;
        return;
      }
      logger.info({ reason, phases: plan.map((phase) => phase.mode) }, 'Stopping PostgreSQL');
      const gentle = plan[0]?.mode === 'smart' || plan[0]?.mode === 'fast';
      if (gentle && state === 'running') await dependencies.beforeStop(reason);
      if (running !== target) return;
      enter('stopping');
      const phase = await stopProcess(target, plan, hurried.signal);
      if (phase !== undefined || running !== target) return;
      logger.error({ pid: target.pid }, 'PostgreSQL was killed and does not end: its disk may hang');
      enter('killed');
    },
    hurry: () => hurried.abort(),
    reload: () => running?.kill('SIGHUP'),
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

async function whenRunning(
  state: () => LifecycleState,
  listeners: Set<(event: LifecycleEvent) => void>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (state() === 'running') return;
  if (state() === 'down') throw new Error('PostgreSQL ended before it accepted connections');
  await new Promise<void>((resolve, reject) => {
    const finish = (act: () => void) => {
      listeners.delete(listener);
      signal.removeEventListener('abort', aborted);
      act();
    };
    const listener = (event: LifecycleEvent) => {
      if (event.kind === 'state' && event.state === 'running') finish(resolve);
      else if (event.kind === 'crashed')
        finish(() => reject(new Error('PostgreSQL ended before it accepted connections')));
      else if (event.kind === 'state' && event.state === 'stopping') {
        finish(() => reject(new Error('PostgreSQL was stopped before it accepted connections')));
      }
    };
    const aborted = () => finish(() => reject(signal.reason));
    listeners.add(listener);
    signal.addEventListener('abort', aborted, { once: true });
  });
}

/**
 * Ends a postmaster that an earlier manager left behind and removes its stale lock files. The orphan is stopped
 * fast, then immediately, then by force: it is nobody's child any more, so its end is seen by looking.
 */
export async function endOrphan(
  pgData: string,
  socketDirectory: string,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const file = await findRunningPostmaster(pgData);
  if (file !== undefined) {
    logger.warn({ pid: file.pid }, 'A PostgreSQL of an earlier manager is still running, ending it');
    const steps: readonly [NodeJS.Signals, number][] = [
      ['SIGINT', 10_000],
      ['SIGQUIT', 10_000],
      ['SIGKILL', 5000],
    ];
    if (!(await endBySignals(file.pid, pgData, steps, signal))) {
      throw new Error(`process ${file.pid} still works in ${pgData} and does not end`);
    }
  }
  // PostgreSQL asks whether the process named in such a file exists, and a zombie that nobody reaped does. The data
  // directory and the socket directory are this pod's alone, so once no server runs here both files are stale.
  const socket = join(socketDirectory, '.s.PGSQL.5432');
  for (const path of [join(pgData, 'postmaster.pid'), `${socket}.lock`, socket]) await rm(path, { force: true });
}

async function endBySignals(
  pid: number,
  pgData: string,
  steps: readonly [NodeJS.Signals, number][],
  signal: AbortSignal,
): Promise<boolean> {
  for (const [name, patienceMs] of steps) {
    try {
      process.kill(pid, name);
    } catch {
      // Gone in between: the look below says so.
    }
    for (let waited = 0; waited < patienceMs; waited += 20) {
      if ((await findRunningPostmaster(pgData)) === undefined) return true;
      await sleep(20, undefined, { signal });
    }
  }
  return false;
}
