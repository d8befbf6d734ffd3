/**
 * Answers of the manager to PostgreSQL's archive and restore commands while PostgreSQL stops.
 *
 * The startup process of a standby dies at once by a fast stop, but the archiver of a primary is waited for: it finishes
 * its command, and gives up a file after three failures. So during a stop a restore is answered at once; an archive
 * command may still do its work for a while, and where the store fails already, or the while is over, it is refused.
 *
 *   following --stopping--> restores refused --patience over, or store failing--> archiving refused --down--> following
 *
 * What is refused stays marked as ready and is archived by the next start.
 */
import { join } from 'node:path';
import { writeIfChanged } from '../files/atomic.ts';
import { answerAny } from '../worker/pipes.ts';

const archivePatienceMs = 10_000;

export interface InterruptSpools {
  readonly archiveSpool: string;
  readonly restoreSpool: string;
}

export interface Interrupt {
  /** While it holds, nobody else writes the mode files. */
  readonly active: boolean;
  /** PostgreSQL is being stopped. */
  begin(storeFails: boolean): void;
  /** A file could not be archived: there is no use in waiting longer. */
  archiveFailed(): void;
  /** PostgreSQL has ended; resolves when nothing more is written. */
  end(): Promise<void>;
}

export const stoppingReason = 'PostgreSQL is being stopped';

export function createInterrupt(spools: InterruptSpools, patienceMs = archivePatienceMs): Interrupt {
  let active = false;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const refuse = (spool: string, mode: string) => {
    writing = writing.then(() => refuseIn(spool, mode));
  };
  const refuseArchiving = () => {
    clearTimeout(timer);
    refuse(spools.archiveSpool, `refuse ${stoppingReason}\n`);
  };

  return {
    get active() {
      return active;
    },
    begin(storeFails) {
      if (active) return;
      active = true;
      refuse(spools.restoreSpool, 'none\n');
      if (storeFails) refuseArchiving();
      else timer = setTimeout(refuseArchiving, patienceMs).unref();
    },
    archiveFailed() {
      if (active) refuseArchiving();
    },
    async end() {
      clearTimeout(timer);
      active = false;
      await writing;
    },
  };
}

/** First the commands to come, then the one that waits. A spool that cannot be written only costs time. */
async function refuseIn(spool: string, mode: string): Promise<void> {
  await writeIfChanged(join(spool, '.mode'), mode).catch(() => undefined);
  answerAny(spool, `error ${stoppingReason}`);
}
