import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Takes what a program prints, a line at a time. */
export type LineHandler = (pipe: 'stdout' | 'stderr', line: string) => void;

export interface ProgramOptions {
  readonly timeoutMs: number;
  /** The last lines go into the error of a failure in any case. */
  readonly onLine?: LineHandler | undefined;
  readonly cwd?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How many lines of a failed program's output its error carries. */
const keptLines = 10;

/** A program that could not be started, was stopped, or ended with another code than 0. */
export class ProgramError extends Error {
  readonly exitCode: number | null;
  /** The end of what it wrote. */
  readonly output: string;

  constructor(message: string, exitCode: number | null, output: string, cause?: unknown) {
    super(output === '' ? message : `${message}: ${output}`, { cause });
    this.name = 'ProgramError';
    this.exitCode = exitCode;
    this.output = output;
  }
}

/** Runs a program of PostgreSQL to its end. Arguments are shown in errors: never put a secret there. */
export function runProgram(command: string, args: readonly string[], options: ProgramOptions): Promise<void> {
  const shown = [command, ...args].join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.environment === undefined ? {} : { env: options.environment }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const kept: string[] = [];
    const read = (pipe: 'stdout' | 'stderr', stream: Readable) =>
      createInterface({ input: stream }).on('line', (line) => {
        kept.push(line);
        if (kept.length > keptLines) kept.shift();
        if (line !== '') options.onLine?.(pipe, line);
      });
    read('stdout', child.stdout);
    read('stderr', child.stderr);
    child.once('error', (error) => reject(new ProgramError(`${shown} could not be run`, null, '', error)));
    child.once('close', (code, signal) => {
      if (code === 0) return resolve();
      const end = code === null ? `was ended by ${signal}` : `ended with code ${code}`;
      reject(new ProgramError(`${shown} ${end}`, code, kept.join('\n').trim()));
    });
  });
}
