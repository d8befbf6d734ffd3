import { type StdioOptions, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { readPostmasterPid } from './pidfile.ts';

export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A postmaster that is our direct child. */
export interface Server {
  readonly pid: number;
  readonly pgData: string;
  readonly exited: Promise<ServerExit>;
  kill(signal: NodeJS.Signals): void;
}

export interface StartRequest {
  readonly pgData: string;
  /** Settings for this run only, above the configuration files. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /**
   * Where the server writes. Not a pipe to this process: the server would die of a broken pipe when we end, or
   * stand still when we do not read. Pass descriptors of files or of FIFOs that are open for reading and writing.
   */
  readonly stdio: StdioOptions;
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

/** Starts postgres as a direct child; resolves once the process exists, not when it accepts connections. */
export async function startServer(request: StartRequest): Promise<Server> {
  const settings = Object.entries(request.settings ?? {}).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn('postgres', ['-D', request.pgData, ...settings], {
    stdio: request.stdio,
    cwd: request.pgData,
    ...(request.environment === undefined ? {} : { env: request.environment }),
  });
  const exited = new Promise<ServerExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(new Error('postgres could not be started: is it on the PATH, and are we not root?', { cause })),
    );
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('postgres started without a process number');
  return { pid, pgData: request.pgData, exited, kill: (signal) => void child.kill(signal) };
}

/** How often the state in postmaster.pid is looked at: reading one small file, so often. */
const pollMs = 10;

/**
 * Waits until the server accepts connections (a standby: read-only ones).
 * @throws Error when it ends before, when the time is over, or when the wait is aborted.
 */
export async function waitUntilReady(server: Server, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let ended: ServerExit | undefined;
  void server.exited.then((exit) => {
    ended = exit;
  });
  for (;;) {
    const file = await readPostmasterPid(server.pgData);
    if (file?.pid === server.pid && (file.status === 'ready' || file.status === 'standby')) return;
    if (ended !== undefined) {
      throw new Error(`postgres ended before it accepted connections (${describeExit(ended)}); its log says why`);
    }
    if (performance.now() > deadline) throw new Error(`postgres does not accept connections after ${timeoutMs} ms`);
    await delay(pollMs, undefined, signal === undefined ? {} : { signal });
  }
}

export function describeExit(exit: ServerExit): string {
  return exit.signal === null ? `code ${exit.code}` : `signal ${exit.signal}`;
}
