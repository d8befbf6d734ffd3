/**
 * pg_rewind in three steps: crash recovery where the former primary was not shut down cleanly, a rehearsal that changes
 * nothing and tells how much would be fetched, and the rewind itself.
 *
 * Recovery is done by this instance's own `postgres`, not by the one beside pg_rewind, which may be another build.
 */
import { type ConnectionParameters, type ControlData, renderConninfo, runProgram } from '@matriarch/postgres';
import { errorText, type Logger, type Loggers } from '../logger.ts';
import type { Environment } from '../paths.ts';
import type { Rehearsal } from './decide.ts';

export interface RewindOptions {
  readonly program: string;
  readonly pgData: string;
  readonly source: ConnectionParameters;
  readonly loggers: Loggers;
  readonly environment: Environment;
}

/** Recovery and rewind take as long as there is to do; only what hangs for ever is ended. */
const longestMs = 24 * 3600 * 1000;
const rehearsalMs = 3600 * 1000;

const cleanStates: readonly ControlData['state'][] = ['shut down', 'shut down in recovery'];

/** Brings a data directory to the state of a clean shutdown, on its own timeline. */
export async function recoverFromCrash(
  options: Omit<RewindOptions, 'program' | 'source'>,
  state: ControlData['state'],
  signal: AbortSignal,
): Promise<void> {
  if (cleanStates.includes(state)) return;
  const { pgData } = options;
  // With nothing on its standard input a single-user server ends after recovery, with a checkpoint.
  await run(options, 'postgres', ['--single', '-D', pgData, 'template1'], longestMs, () => undefined, signal);
}

/** Asks pg_rewind whether it can do it; nothing is changed. */
export async function rehearse(options: RewindOptions, signal: AbortSignal): Promise<Rehearsal> {
  let bytes: number | undefined;
  const seen = (line: string) => {
    const match = /need to copy (\d+) MB/.exec(line);
    if (match !== null) bytes = (Number(match[1]) + 1) * 1024 * 1024;
  };
  try {
    const args = ['--dry-run', ...rewindArguments(options)];
    await run(options, options.program, args, rehearsalMs, seen, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'impossible', reason: lastError(errorText(error)) };
  }
  if (bytes === undefined) return { kind: 'impossible', reason: 'it does not say what it would do' };
  return { kind: 'possible', bytes };
}

/** Rewinds. When it throws, the data directory is not whole any more. */
export function rewind(options: RewindOptions, signal: AbortSignal): Promise<void> {
  return run(options, options.program, rewindArguments(options), longestMs, () => undefined, signal);
}

function rewindArguments({ source, pgData }: RewindOptions): string[] {
  const from = ['--source-server', renderConninfo(source), '--target-pgdata', pgData];
  return ['--progress', ...from, '--restore-target-wal', '--no-ensure-shutdown'];
}

async function run(
  options: Omit<RewindOptions, 'program' | 'source'>,
  program: string,
  args: readonly string[],
  timeoutMs: number,
  seen: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const logger: Logger = options.loggers.named(program === 'postgres' ? 'postgres' : 'pg_rewind');
  await runProgram(program, args, {
    timeoutMs,
    signal,
    cwd: options.pgData,
    // What it prints is read.
    environment: { ...options.environment, LC_ALL: 'C' },
    onLine: (pipe, text) => {
      for (const line of text.split('\r')) {
        seen(line);
        if (!isProgress(line)) logger.info({ pipe }, line);
      }
    },
  });
}

/** One such line a second would fill the log. */
const isProgress = (line: string) => line.trim() === '' || /^\s*\d+\/\d+ kB \(\d+%\) copied/.test(line);

/** The line that says what went wrong; errors of programs carry all their last lines. */
export function lastError(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const telling = lines.filter((line) => /\b(error|fatal):/i.test(line)).at(-1) ?? lines.at(-1) ?? text;
  return telling.replace(/^pg_rewind: (error|fatal): /, '');
}
