import { spawn } from 'node:child_process';
import { access, constants, copyFile, rename } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionParameters, renderConninfo } from '@matriarch/postgres';
import { errorText, type Logger, type Loggers } from '../logger.ts';
import type { Environment } from '../paths.ts';

/** The full path of a program on the PATH, undefined when there is none. */
export async function findProgram(name: string, environment: Environment): Promise<string | undefined> {
  for (const directory of (environment.PATH ?? '').split(delimiter)) {
    const path = join(directory, name);
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (directory !== '' && runs) return path;
  }
  return undefined;
}

export interface RewindOptions {
  readonly program: string;
  readonly pgData: string;
  readonly source: ConnectionParameters;
  readonly loggers: Loggers;
  readonly environment: Environment;
}

const attempts = 4;
const firstPauseMs = 5000;

/** Runs pg_rewind, up to four times; pg_control is put back between attempts, since a broken one stops the next. */
export async function runRewind(options: RewindOptions, signal: AbortSignal): Promise<void> {
  const control = join(options.pgData, 'global', 'pg_control');
  const saved = `${control}.old`;
  const logger = options.loggers.named('instance-manager');
  await copyFile(control, `${saved}.tmp`);
  await rename(`${saved}.tmp`, saved);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rewindOnce(options, signal);
      return;
    } catch (error) {
      if (attempt === attempts || signal.aborted) throw error;
      logger.warn({ attempt, error: errorText(error) }, 'pg_rewind failed, trying again');
      await copyFile(saved, control);
      await sleep(firstPauseMs * 2 ** (attempt - 1), undefined, { signal });
    }
  }
}

async function rewindOnce(options: RewindOptions, signal: AbortSignal): Promise<void> {
  const logger = options.loggers.named('pg_rewind');
  const child = spawn(
    options.program,
    [
      '-P',
      '--source-server',
      renderConninfo(options.source),
      '--target-pgdata',
      options.pgData,
      '--restore-target-wal',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...options.environment }, signal },
  );
  let tail: string[] = [];
  logLines(child.stdout, logger, 'stdout', () => undefined);
  logLines(child.stderr, logger, 'stderr', (line) => {
    tail = [...tail, line].slice(-5);
  });
  const code = await new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit, killed) => resolve(exit ?? killed ?? 1));
  });
  if (code !== 0) throw new Error(`pg_rewind ended with ${code}: ${tail.join(' | ')}`);
}

function logLines(stream: NodeJS.ReadableStream, logger: Logger, pipe: string, seen: (line: string) => void): void {
  let pending = '';
  stream.on('data', (chunk: Buffer) => {
    pending += chunk.toString('utf8');
    const lines = pending.split(/[\r\n]+/);
    pending = lines.pop() ?? '';
    for (const line of lines.filter((text) => text !== '')) {
      logger.info({ pipe }, line);
      seen(line);
    }
  });
}
