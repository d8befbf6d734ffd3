import { type StdioOptions, spawn } from 'node:child_process';

export interface ProgramOptions {
  readonly timeoutMs: number;
  /** Unset: output is kept out of sight, and its last lines go into the error of a failure. */
  readonly stdio?: StdioOptions | undefined;
  readonly cwd?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How much of a failed program's output its error carries. */
const keptOutput = 2000;

/** A program that could not be started, was stopped, or ended with another code than 0. */
export class ProgramError extends Error {
  readonly exitCode: number | null;
  /** The end of what it wrote, where we kept it. */
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
      stdio: options.stdio ?? ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.environment === undefined ? {} : { env: options.environment }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let output = '';
    const keep = (piece: Buffer) => {
      output = (output + piece.toString()).slice(-keptOutput);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.once('error', (error) => reject(new ProgramError(`${shown} could not be run`, null, '', error)));
    child.once('close', (code, signal) => {
      if (code === 0) return resolve();
      const end = code === null ? `was ended by ${signal}` : `ended with code ${code}`;
      reject(new ProgramError(`${shown} ${end}`, code, output.trim()));
    });
  });
}
