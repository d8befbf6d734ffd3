/** One cluster to a state directory. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeStateDirectory } from '../node/layout.ts';
import { processFacts } from '../node/processes.ts';

interface Holder {
  readonly pid: number;
  readonly started: string;
}

/** Somebody else runs on the state directory. */
export class StateDirectoryInUse extends Error {
  override readonly name = 'StateDirectoryInUse';
  readonly pid: number;

  constructor(stateDir: string, pid: number) {
    super(
      `state directory ${stateDir} is in use by process ${pid}: stop that process, or choose another state directory`,
    );
    this.pid = pid;
  }
}

export interface StateLock {
  release(): void;
}

const lockFile = (stateDir: string) => join(stateDir, 'lock');

/** The process that runs on a state directory; undefined when none does. */
export function lockHolder(stateDir: string): number | undefined {
  const holder = readHolder(lockFile(stateDir));
  return isAlive(holder) ? holder.pid : undefined;
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

/** A holder that is gone, or whose number another process has now, holds nothing. */
function isAlive(holder: Holder | undefined): holder is Holder {
  if (!holder) return false;
  const facts = processFacts(holder.pid);
  return facts !== undefined && !facts.dead && facts.started === holder.started;
}

/**
 * Takes a state directory, made when it is not there. To be held before anything in it is opened or changed.
 * @throws StateDirectoryInUse when a living process has it.
 */
export function lockStateDirectory(stateDir: string): StateLock {
  makeStateDirectory(stateDir);
  const path = lockFile(stateDir);
  const own = { pid: process.pid, started: processFacts(process.pid)?.started ?? '' };
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(own), { mode: 0o600 });
  try {
    for (;;) {
      try {
        linkSync(mine, path);
        return {
          release: () => {
            if (readHolder(path)?.pid === process.pid) rmSync(path, { force: true });
          },
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        removeStale(path, stateDir);
      }
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function removeStale(path: string, stateDir: string): void {
  const refuse = (holder: Holder) => {
    throw new StateDirectoryInUse(stateDir, holder.pid);
  };
  const holder = readHolder(path);
  if (isAlive(holder)) refuse(holder);
  // Taken aside first: of two starters that both saw a stale lock, one must not remove the other's fresh one.
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const taken = readHolder(aside);
  if (isAlive(taken)) {
    renameSync(aside, path);
    refuse(taken);
  }
  rmSync(aside, { force: true });
}
