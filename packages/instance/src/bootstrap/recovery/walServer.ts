/**
 * WAL for a recovery inside this job. PostgreSQL's restore_command is a line of shell that asks us through one named
 * pipe and reads the answer from another, so that no process of ours starts for a segment, and we fetch ahead.
 *
 *   command: NAME\n -> request pipe;  we: fetch NAME to the spool, `0\n`, `1\n` or `200\n` -> answer pipe
 *   command: 0 = moves the file to where PostgreSQL wants it; anything else = its exit code
 *
 * 1 means that the archive does not hold the file, which ends a recovery. That the archive cannot be reached must not
 * end it as if it were complete: such a failure is tried again for a while, and then 200 makes PostgreSQL give up.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { backoffDelay, sleep } from '@matriarch/kubernetes';
import { type Archive, isSegmentName, restoreWal } from '@matriarch/objectstore';
import { nextSegmentName } from '@matriarch/postgres';
import { errorText, type Logger } from '../../logger.ts';
import { ensureFifos, readFifo } from '../../logs/fifo.ts';

export interface WalServerOptions {
  readonly archive: Archive;
  /** A directory of our own on scratch space. */
  readonly directory: string;
  readonly segmentSize: number;
  /** Segments that are fetched at once, the one asked for among them. */
  readonly parallel: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface WalServer {
  readonly restoreCommand: string;
  close(): Promise<void>;
}

const answers = { found: 0, missing: 1, failed: 200 } as const;

export async function serveWal(options: WalServerOptions): Promise<WalServer> {
  const { directory } = options;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const [requests, replies] = [join(directory, 'request'), join(directory, 'answer')];
  await ensureFifos([requests, replies]);
  // Held for reading and writing, so that neither we nor the command wait for the other side to open.
  const reply = openSync(replies, constants.O_RDWR);
  const fetcher = createFetcher(options);
  let pending = '';
  const reader = readFifo(
    requests,
    (chunk) => {
      const lines = (pending + chunk.toString('latin1')).split('\n');
      pending = lines.pop() ?? '';
      for (const name of lines) void fetcher.fetch(name).then((answer) => writeSync(reply, `${answer}\n`));
    },
    (error) => options.logger.error({ error: errorText(error) }, 'Reading the requests for WAL failed'),
  );
  return {
    restoreCommand:
      `echo %f > ${quoteShell(requests)} && read -r code < ${quoteShell(replies)} && ` +
      `[ "$code" = 0 ] && mv ${quoteShell(directory)}/%f "%p" || exit "\${code:-${answers.failed}}"`,
    async close() {
      reader.close();
      closeSync(reply);
      await fetcher.settle();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const quoteShell = (path: string): string => `'${path.replaceAll("'", "'\\''").replaceAll('%', '%%')}'`;

function createFetcher(options: WalServerOptions) {
  const { archive, directory, segmentSize, parallel, logger, signal } = options;
  const running = new Map<string, Promise<boolean>>();
  const start = (name: string): Promise<boolean> => {
    const known = running.get(name);
    if (known !== undefined) return known;
    const fetched = restoreWal(archive, name, join(directory, name), signal);
    // Whoever asks for it learns of a failure; a file that nobody asks for may fail quietly.
    fetched.catch(() => undefined);
    running.set(name, fetched);
    return fetched;
  };
  const readAhead = (name: string) => {
    if (!isSegmentName(name)) return;
    let next = name;
    for (let count = 1; count < parallel; count += 1) {
      next = nextSegmentName(next, segmentSize);
      void start(next);
    }
  };
  return {
    async fetch(name: string): Promise<number> {
      for (let failures = 1; ; failures += 1) {
        try {
          const asked = start(name);
          readAhead(name);
          const found = await asked;
          running.delete(name);
          logger.debug({ wal: name, found }, 'WAL was asked for');
          return found ? answers.found : answers.missing;
        } catch (error) {
          running.delete(name);
          if (failures > retries || signal.aborted) {
            logger.error(
              { wal: name, error: errorText(error) },
              'The archive cannot be read; the recovery is given up',
            );
            return answers.failed;
          }
          logger.warn({ wal: name, error: errorText(error) }, 'The archive cannot be read; trying again');
          await sleep(backoffDelay(retryPause, failures), signal);
        }
      }
    },
    async settle(): Promise<void> {
      await Promise.allSettled(running.values());
    },
  };
}

/** Together some five minutes. */
const retries = 12;
const retryPause = { base: 500, max: 30_000 };
