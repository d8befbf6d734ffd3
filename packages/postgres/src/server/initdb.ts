import { type LineHandler, runProgram } from './program.ts';

export interface InitdbRequest {
  readonly pgData: string;
  /** Where pg_wal goes, when it lies on a volume of its own. */
  readonly walDirectory?: string | undefined;
  /** Further arguments as a user gave them, e.g. `--encoding=UTF8`. */
  readonly flags: readonly string[];
  readonly onLine?: LineHandler | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** initdb writes some megabytes; a disk that needs longer than this is not one to run on. */
const initdbTimeoutMs = 15 * 60_000;

/**
 * Creates a data directory with superuser `postgres`. Nothing is flushed yet: call `syncDataDirectory` when all of it
 * is written.
 */
export async function initdb(request: InitdbRequest): Promise<void> {
  const wal = request.walDirectory === undefined ? [] : ['--waldir', request.walDirectory];
  await runProgram('initdb', ['--username', 'postgres', '-D', request.pgData, ...wal, ...request.flags, '--no-sync'], {
    timeoutMs: initdbTimeoutMs,
    onLine: request.onLine,
    signal: request.signal,
  });
}

/**
 * Flushes a data directory with its WAL directory and tablespaces to disk. PostgreSQL 17 can flush whole file systems,
 * which takes milliseconds where a call per file takes a second.
 */
export async function syncDataDirectory(pgData: string, major: number, signal?: AbortSignal): Promise<void> {
  const method = major >= 17 && process.platform === 'linux' ? ['--sync-method=syncfs'] : [];
  await runProgram('initdb', ['-D', pgData, '--sync-only', ...method], { timeoutMs: initdbTimeoutMs, signal });
}
