/** A program in a container, connected to the streams of a client, whatever protocol they come by. */
import { Readable, type Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { StartError } from '../node/command.ts';
import { exitStatus } from '../node/container-process.ts';
import type { RunningContainer } from '../node/container-scope.ts';
import { startExec } from '../node/exec.ts';
import { signalProcess } from '../node/processes.ts';
import { messageOf } from '../runtime/api.ts';

export interface TerminalSize {
  readonly Width: number;
  readonly Height: number;
}

/** What the client wants, and where it comes from and goes to. */
export interface ExecStreams {
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly stdin: Readable | undefined;
  readonly stdout: Writable | undefined;
  readonly stderr: Writable | undefined;
  /** Takes the outcome as JSON. */
  readonly error: Writable;
  /** First size of the client's terminal, when it tells one soon. */
  readonly size: Promise<TerminalSize | undefined>;
  /** The client went away. */
  readonly gone: AbortSignal;
}

/** The outcome as clients of v4 and later read it. */
export function outcome(exitCode: number): string {
  if (exitCode === 0) return JSON.stringify({ metadata: {}, status: 'Success' });
  return JSON.stringify({
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
    code: 500,
  });
}

export function failure(message: string): string {
  return JSON.stringify({ metadata: {}, status: 'Failure', message, reason: 'InternalError', code: 500 });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** `script` gives the program a terminal; its size is set before the program starts. */
export function terminalCommand(command: readonly string[], size: TerminalSize | undefined): string[] {
  const resize = size ? `stty rows ${size.Height} cols ${size.Width}; ` : '';
  const line = `${resize}exec ${command.map(quoted).join(' ')}`;
  return process.platform === 'darwin'
    ? ['script', '-q', '/dev/null', 'sh', '-c', line]
    : ['script', '-q', '-e', '-f', '-c', line, '/dev/null'];
}

/** Runs the program and tells its outcome. Never throws. */
export async function runExec(running: RunningContainer, streams: ExecStreams): Promise<void> {
  const { stdout, stderr, error } = streams;
  const text = await connect(running, streams).catch((problem: unknown) => failure(messageOf(problem)));
  await Promise.all([stdout, stderr].map((stream) => endOf(stream)));
  error.end(text);
  await finished(error, { readable: false }).catch(() => undefined);
}

function endOf(stream: Writable | undefined): Promise<void> {
  if (!stream) return Promise.resolve();
  if (!stream.writableEnded) stream.end();
  return finished(stream, { readable: false }).catch(() => undefined);
}

async function connect(running: RunningContainer, streams: ExecStreams): Promise<string> {
  const { command, tty, stdin, stdout, stderr, gone } = streams;
  const words = tty ? terminalCommand(command, await streams.size) : command;
  const env = tty ? { ...running.env, TERM: running.env.TERM ?? 'xterm', SHELL: 'sh' } : running.env;
  const child = await startExec({ ...running, env: { ...env, ...(tty ? { SHELL: '/bin/sh' } : {}) } }, words, [
    'pipe',
    'pipe',
    'pipe',
  ]).catch((error: unknown) => {
    if (!(error instanceof StartError)) throw error;
    throw new Error(`failed to exec in container: ${error.message}`);
  });
  const hangUp = () => {
    if (child.pid !== undefined) signalProcess(-child.pid, 'SIGHUP');
  };
  gone.addEventListener('abort', hangUp, { once: true });
  child.stdin?.on('error', () => undefined);
  (stdin ?? Readable.from([])).pipe(child.stdin ?? process.stdout);
  const drain = (from: Readable | null, to: Writable | undefined) => {
    if (to) from?.pipe(to, { end: false });
    else from?.resume();
  };
  drain(child.stdout, stdout);
  drain(child.stderr, tty ? stdout : stderr);
  const exitCode = await new Promise<number>((resolve) => {
    child.once('close', (code, signal) => resolve(exitStatus(code, signal).exitCode));
  });
  gone.removeEventListener('abort', hangUp);
  return outcome(exitCode);
}
