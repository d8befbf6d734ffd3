/**
 * The worker as the manager sees it.
 *
 * It is started by the first configuration, started again a moment after it ended by itself, and told the last
 * configuration each time. A task that was under way then has failed; whoever gave it decides what follows.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { errorText, type Logger } from '../logger.ts';
import type { FromWorker, ToWorker } from '../worker/protocol.ts';

type Configure = Extract<ToWorker, { kind: 'configure' }>;
type Task = Exclude<ToWorker, { kind: 'configure' }>;

export interface WorkerProcess {
  /** Starts the worker when needed, and tells it what to do from now on. */
  configure(message: Configure): void;
  /** Runs a task; rejects when it fails, the worker ends or nobody waits any more. `make` gets the message's id. */
  perform(make: (id: string) => Task, signal?: AbortSignal): Promise<unknown>;
  readonly running: boolean;
  /** Somebody waits for the end of a task. */
  readonly busy: boolean;
  stop(): Promise<void>;
}

export interface WorkerOptions {
  readonly logger: Logger;
  readonly onArchived: (name: string) => void;
  readonly onArchiveFailed: (name: string, error: string) => void;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

const restartMs = 1000;
const stopPatienceMs = 5000;

/** Beside the bundle of the manager lies that of the worker; in the source tree both are TypeScript. */
export function workerProgram(): string {
  const bundled = !import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(bundled ? './worker.mjs' : '../bin/worker.ts', import.meta.url));
}

export function createWorkerProcess(options: WorkerOptions): WorkerProcess {
  const waiting = new Map<string, Waiting>();
  let child: ChildProcess | undefined;
  let last: Configure | undefined;
  let restart: NodeJS.Timeout | undefined;
  let stopped = false;

  const receive = (message: FromWorker) => {
    switch (message.kind) {
      case 'ready':
        return;
      case 'archived':
        return options.onArchived(message.name);
      case 'archive-failed':
        return options.onArchiveFailed(message.name, message.error);
      case 'log':
        return options.logger[message.level](message.fields, message.message);
      case 'done':
        waiting.get(message.id)?.resolve(message.result);
        waiting.delete(message.id);
        return;
      case 'failed':
        waiting.get(message.id)?.reject(new Error(message.error));
        waiting.delete(message.id);
    }
  };

  const ended = (code: number | null, signal: string | null) => {
    child = undefined;
    for (const task of waiting.values()) task.reject(new Error('the worker process ended during the task'));
    waiting.clear();
    if (stopped) return;
    options.logger.warn({ code, signal, restartMs }, 'The worker process ended by itself');
    restart = setTimeout(start, restartMs);
  };

  const start = () => {
    if (stopped || child !== undefined) return;
    // No inherited flags: the worker's heap is its own, larger than the manager's.
    child = fork(workerProgram(), [], { stdio: ['ignore', 2, 2, 'ipc'], execArgv: ['--max-semi-space-size=4'] });
    child.on('message', (message) => receive(message as FromWorker));
    child.once('error', (error) => options.logger.error({ error: errorText(error) }, 'The worker process failed'));
    child.once('exit', ended);
    if (last !== undefined) child.send(last);
  };

  return {
    get running() {
      return child !== undefined;
    },
    get busy() {
      return waiting.size > 0;
    },
    configure(message) {
      last = message;
      if (child === undefined) start();
      else child.send(message);
    },
    async perform(make, signal) {
      signal?.throwIfAborted();
      if (child === undefined) throw new Error('the worker process does not run');
      const id = randomUUID();
      const result = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
      const abandon = () => {
        waiting.get(id)?.reject(new Error('the task was given up'));
        waiting.delete(id);
      };
      signal?.addEventListener('abort', abandon, { once: true });
      child.send(make(id));
      return result.finally(() => signal?.removeEventListener('abort', abandon));
    },
    async stop() {
      stopped = true;
      clearTimeout(restart);
      const target = child;
      if (target === undefined) return;
      const gone = new Promise<void>((resolve) => target.once('exit', () => resolve()));
      target.disconnect();
      const timer = setTimeout(() => target.kill('SIGKILL'), stopPatienceMs);
      await gone;
      clearTimeout(timer);
    },
  };
}
