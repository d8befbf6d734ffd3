import { writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger, Loggers } from '../logger.ts';
import { errorText } from '../logger.ts';
import { csvSplitter } from './csv.ts';
import { ensureFifos, type FifoReader, readFifo } from './fifo.ts';
import { type LogRecord, toLogEntry } from './record.ts';
import { textReader } from './text.ts';

/** Names of the pipes below the log directory. */
export const rawLog = 'postgres';
export const csvLog = 'postgres.csv';
export const jsonLog = 'postgres.json';

const pipeNames = [rawLog, csvLog, jsonLog] as const;

/** What was read from each pipe and is not a whole record yet, in base64. */
export type UnfinishedLogs = Readonly<Record<string, string>>;

export interface LogRelay {
  /** Path of the pipe for postgres' own standard output and error. */
  readonly rawPath: string;
  /** Stops reading. What is written from now on waits in the pipes; what was read in part comes back. */
  close(): UnfinishedLogs;
}

export interface RelayOptions {
  readonly directory: string;
  readonly loggers: Loggers;
  /** Told of every record, so that others learn of an event the moment PostgreSQL writes it down. */
  readonly onRecord?: (record: LogRecord) => void;
  /** Where the manager before us stopped reading. */
  readonly unfinished?: UnfinishedLogs;
}

/** One pipe's reader: pieces go in, records come out; `rest` is what is left between. */
interface Handler {
  push(piece: Buffer): void;
  rest(): Buffer;
}

/** Carries what PostgreSQL and its commands write into the three pipes to our own log. */
export async function startLogRelay(options: RelayOptions): Promise<LogRelay> {
  const { directory, loggers } = options;
  const pathOf = (name: string) => join(directory, name);
  await ensureFifos(pipeNames.map(pathOf));
  const logger = loggers.named('instance-manager');
  const handlers: Record<(typeof pipeNames)[number], Handler> = {
    [rawLog]: rawHandler(loggers.named('postgres'), pathOf(rawLog)),
    [csvLog]: csvHandler(loggers, options.onRecord),
    [jsonLog]: lineHandler(printVerbatim),
  };
  const readers: FifoReader[] = [];
  for (const name of pipeNames) {
    const path = pathOf(name);
    handlers[name].push(Buffer.from(options.unfinished?.[name] ?? '', 'base64'));
    const failed = (error: Error) => logger.error({ path, error: errorText(error) }, 'Reading a log pipe failed');
    readers.push(readFifo(path, handlers[name].push, failed));
  }
  return {
    rawPath: pathOf(rawLog),
    close() {
      for (const reader of readers) reader.close();
      return Object.fromEntries(pipeNames.map((name) => [name, handlers[name].rest().toString('base64')]));
    },
  };
}

function csvHandler(loggers: Loggers, onRecord: ((record: LogRecord) => void) | undefined): Handler {
  const text = textReader();
  const splitter = csvSplitter();
  const named: Record<string, Logger> = {};
  return {
    push(piece) {
      for (const fields of splitter.push(text.read(piece))) {
        const entry = toLogEntry(fields);
        if (entry === undefined) continue;
        named[entry.logger] ??= loggers.named(entry.logger);
        named[entry.logger]?.info({ record: entry.record }, 'record');
        onRecord?.(entry.record);
      }
    },
    rest: () => Buffer.concat([Buffer.from(splitter.rest), text.rest]),
  };
}

function rawHandler(logger: Logger, source: string): Handler {
  return lineHandler((line) => logger.info({ source }, line));
}

/** A line without its line break at a time; the pieces of a line that came in several chunks are put together. */
function lineHandler(onLine: (line: string) => void): Handler {
  const text = textReader();
  let pending = '';
  return {
    push(piece) {
      pending += text.read(piece);
      const lines = pending.split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) if (line !== '') onLine(line);
    },
    rest: () => Buffer.concat([Buffer.from(pending), text.rest]),
  };
}

/** Lines that are JSON already. */
function printVerbatim(line: string): void {
  writeSync(2, `${line}\n`);
}
