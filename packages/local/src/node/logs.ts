/**
 * Logs of containers. A container writes to one plain file for both streams; beside it an index says which byte was there when.
 * So a container never waits for us, and lines still have their times. Files: `<attempt>.log`, `<attempt>.times`, and after
 * rotation `<attempt>.log.1`, `<attempt>.times.1`.
 */
import {
  appendFileSync,
  copyFileSync,
  type FSWatcher,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../runtime/time.ts';

export const ROTATE_BYTES = 10 * 1024 * 1024;
const INDEX_EVERY_MS = 20;

export function logPath(directory: string, attempt: number): string {
  return join(directory, `${attempt}.log`);
}

export function timesPath(directory: string, attempt: number): string {
  return join(directory, `${attempt}.times`);
}

export interface LogKeeper {
  /** Notes what was written last and stops looking. */
  stop(): void;
}

/** Looks after the log of one run: notes times, rotates. Only this run and the one before it are kept. */
export function keepLog(directory: string, attempt: number, clock: Clock, rotateBytes = ROTATE_BYTES): LogKeeper {
  mkdirSync(directory, { recursive: true });
  dropOldRuns(directory, attempt);
  const log = logPath(directory, attempt);
  const times = timesPath(directory, attempt);
  writeFileSync(log, '', { flag: 'a', mode: 0o600 });
  let noted = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const note = () => {
    const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= noted) return;
    appendFileSync(times, `${noted} ${clock.now()}\n`);
    noted = size;
    if (size < rotateBytes) return;
    // A few bytes written between the copy and the cut can be lost, as with any rotation of a file that another process holds.
    renameSync(times, `${times}.1`);
    copyFileSync(log, `${log}.1`);
    truncateSync(log, 0);
    noted = 0;
  };
  // On a full disk lines get the time of a later mark: the log itself is the container's, which must not wait for us.
  const tryToNote = () => {
    try {
      note();
    } catch {
      // The next change tries again.
    }
  };
  const changed = () => {
    if (timer || stopped) return;
    tryToNote();
    timer = setTimeout(() => {
      timer = undefined;
      tryToNote();
    }, INDEX_EVERY_MS);
  };
  const watcher: FSWatcher = watch(log, changed);
  watcher.on('error', () => undefined);
  tryToNote();
  return {
    stop: () => {
      if (stopped) return;
      stopped = true;
      watcher.close();
      clearTimeout(timer);
      tryToNote();
    },
  };
}

function dropOldRuns(directory: string, attempt: number): void {
  for (const name of readdirSync(directory)) {
    if (Number.parseInt(name, 10) < attempt - 1) rmSync(join(directory, name), { force: true });
  }
}
