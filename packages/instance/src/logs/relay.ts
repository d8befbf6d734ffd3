import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Logger, Loggers } from '../logger.ts';
import { errorText } from '../logger.ts';
import { csvSplitter } from './csv.ts';
import { ensureFifos, type FifoReader, readFifo } from './fifo.ts';
import { type LogRecord, toLogEntry } from './record.ts';

/** Names of the pipes below the log directory. */
export const rawLog = 'postgres';
export const csvLog = 'postgres.csv';
export const jsonLog = 'postgres.json';

export interface LogRelay {
  /** Path of the pipe for postgres' own standard output and error. */
  readonly rawPath: string;
  close(): void;
}

export interface RelayOptions {
  readonly directory: string;
  readonly loggers: Loggers;
  /** Told of every record, so that others learn of an event the moment PostgreSQL writes it down. */
  readonly onRecord?: (record: LogRecord) => void;
}

/** Carries what PostgreSQL and its commands write into the three pipes to our own log. */
export async function startLogRelay(options: RelayOptions): Promise<LogRelay> {
  const { directory, loggers } = options;
  const rawPath = join(directory, rawLog);
  const csvPath = join(directory, csvLog);
  const jsonPath = join(directory, jsonLog);
  await ensureFifos([rawPath, csvPath, jsonPath]);
  const logger = loggers.named('instance-manager');
  const failed = (path: string) => (error: Error) =>
    logger.error({ path, error: errorText(error) }, 'Reading a log pipe failed');
  const readers: FifoReader[] = [
    readFifo(rawPath, rawHandler(loggers.named('postgres'), rawPath), failed(rawPath)),
    readFifo(csvPath, csvHandler(loggers, options.onRecord), failed(csvPath)),
    readFifo(jsonPath, lineHandler(printVerbatim), failed(jsonPath)),
  ];
  return {
    rawPath,
    close() {
      for (const reader of readers) reader.close();
    },
  };
}

function csvHandler(loggers: Loggers, onRecord: ((record: LogRecord) => void) | undefined): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  const splitter = csvSplitter();
  const named: Record<string, Logger> = {};
  return (chunk) => {
    for (const fields of splitter.push(decoder.write(chunk))) {
      const entry = toLogEntry(fields);
      if (entry === undefined) continue;
      named[entry.logger] ??= loggers.named(entry.logger);
      named[entry.logger]?.info({ record: entry.record }, 'record');
      onRecord?.(entry.record);
    }
  };
}

function rawHandler(logger: Logger, source: string): (chunk: Buffer) => void {
  return lineHandler((line) => logger.info({ source }, line));
}

/** A line without its line break at a time; the pieces of a line that came in several chunks are put together. */
function lineHandler(onLine: (line: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let pending = '';
  return (chunk) => {
    pending += decoder.write(chunk);
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  };
}

/** Lines that are JSON already. */
function printVerbatim(line: string): void {
  writeSync(2, `${line}\n`);
}
