/** One cluster to a state directory. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processFacts } from '../node/processes.ts';

interface Holder {
  readonly pid: number;
  readonly started: string;
}

export class StateDirectoryInUse extends Error {
  override readonly name = 'StateDirectoryInUse';
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

/** Takes the lock; throws StateDirectoryInUse when a living process has it. Returns what gives it back. */
export function takeLock(stateDir: string): () => void {
  const path = join(stateDir, 'lock');
  const own = { pid: process.pid, started: processFacts(process.pid)?.started ?? '' };
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(own), { mode: 0o600 });
  try {
    for (;;) {
      try {
        linkSync(mine, path);
        return () => {
          if (readHolder(path)?.pid === process.pid) rmSync(path, { force: true });
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
    throw new StateDirectoryInUse(
      `state directory ${stateDir} is in use by process ${holder.pid}: stop that process, or choose another state directory`,
    );
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
