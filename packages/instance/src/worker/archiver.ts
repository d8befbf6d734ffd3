/**
 * Archiving ahead of PostgreSQL.
 *
 * PostgreSQL asks for one WAL file at a time, in order. The worker uploads that one first and, at the same time, the
 * next ones that wait; for each of those it leaves an empty marker in the spool, which the script consumes when
 * PostgreSQL asks for it.
 *
 * Invariant: a request is answered `ok`, or a marker written, only after the store has acknowledged the whole object.
 * A file is uploaded by one task at a time; a request for a file that is under way waits for that task. A crash loses
 * markers or leaves some: a lost one costs a second upload of the same content, a left one is true.
 */
import { access, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '../logger.ts';
import { markDone, readyFiles } from '../status/ready.ts';

export interface ArchiverDependencies {
  readonly pgData: string;
  readonly spool: string;
  readonly maxParallel: number;
  /** Uploads one file; resolves when the store has it. */
  readonly upload: (name: string) => Promise<void>;
  readonly onArchived: (name: string) => void;
  readonly onFailed: (name: string, error: string) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

export interface Archiver {
  /** Resolves when the file is in the archive. */
  request(name: string): Promise<void>;
  /** Uploads files that wait, as many at a time as allowed. */
  runAhead(): Promise<void>;
  /** Uploads every waiting file and marks it done, as PostgreSQL would; for a former primary before its WAL may go. */
  archiveAll(): Promise<number>;
  /** Resolves when no upload is under way. */
  idle(): Promise<void>;
}

const firstRestMs = 5000;
const longestRestMs = 60_000;

export function createArchiver(dependencies: ArchiverDependencies): Archiver {
  const underWay = new Map<string, Promise<void>>();
  // After a failure nothing is uploaded ahead for a while; what PostgreSQL asks for is always tried.
  let restUntil = 0;
  let restMs = firstRestMs;

  const upload = (name: string): Promise<void> => {
    const running = underWay.get(name);
    if (running !== undefined) return running;
    const task = dependencies
      .upload(name)
      .then(
        () => {
          restMs = firstRestMs;
          restUntil = 0;
          dependencies.onArchived(name);
        },
        (error: unknown) => {
          restUntil = dependencies.now() + restMs;
          restMs = Math.min(restMs * 2, longestRestMs);
          dependencies.onFailed(name, errorText(error));
          throw error;
        },
      )
      .finally(() => underWay.delete(name));
    underWay.set(name, task);
    return task;
  };

  const marker = (name: string) => join(dependencies.spool, name);

  const isMarked = async (name: string) =>
    access(marker(name)).then(
      () => true,
      () => false,
    );

  const runAhead = async (): Promise<void> => {
    const free = dependencies.maxParallel - underWay.size;
    if (free <= 0 || dependencies.now() < restUntil) return;
    const waiting = (await readyFiles(dependencies.pgData)).filter((name) => !underWay.has(name));
    const chosen: string[] = [];
    for (const name of waiting) {
      if (chosen.length === free) break;
      if (!(await isMarked(name)) && !underWay.has(name)) chosen.push(name);
    }
    await Promise.all(chosen.map(ahead));
  };

  const ahead = async (name: string): Promise<void> => {
    try {
      await upload(name);
      await writeFile(marker(name), '', { mode: 0o600 });
    } catch {
      // Told already; PostgreSQL asks for the file when its turn comes.
    }
  };

  return {
    async request(name) {
      if (await isMarked(name)) {
        await rm(marker(name), { force: true });
        return;
      }
      const task = upload(name);
      void runAhead();
      await task;
    },
    runAhead,
    async archiveAll() {
      const waiting = await readyFiles(dependencies.pgData);
      for (const name of waiting) {
        if (!(await isMarked(name))) await upload(name);
        await rm(marker(name), { force: true });
        await markDone(dependencies.pgData, name);
      }
      return waiting.length;
    },
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay.values());
    },
  };
}
