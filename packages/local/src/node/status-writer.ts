/** Writes of one thing that never overlap: changes while one is under way make one more, and the last change is always written. */
import { sleep } from '../runtime/time.ts';

export interface StatusWriter {
  changed(): void;
  /** Resolves when everything is written. */
  flush(): Promise<void>;
  /** Nothing is written from here on. */
  stop(): void;
}

const RETRY_MS = 200;
const LONGEST_RETRY_MS = 5000;

/** `write` throws when it is to be tried again. */
export function createStatusWriter(write: () => Promise<void>, onError: (error: unknown) => void): StatusWriter {
  const stopped = new AbortController();
  let dirty = false;
  let failures = 0;
  let writing: Promise<void> | undefined;
  const run = async () => {
    // Changes of the same turn go into one write.
    await Promise.resolve();
    while (dirty && !stopped.signal.aborted) {
      dirty = false;
      try {
        await write();
        failures = 0;
      } catch (error) {
        dirty = true;
        onError(error);
        await sleep(Math.min(RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS), stopped.signal);
      }
    }
    writing = undefined;
  };
  return {
    changed: () => {
      dirty = true;
      if (!stopped.signal.aborted) writing ??= run();
    },
    flush: async () => {
      while (writing) await writing;
    },
    stop: () => stopped.abort(),
  };
}
