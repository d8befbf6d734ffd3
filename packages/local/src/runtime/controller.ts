/** A controller: caches it watches, and what it does for one key at a time. */
import { isConflict, messageOf } from './api.ts';
import type { Cache, Change } from './cache.ts';
import { createQueue, type WorkQueue } from './queue.ts';
import { type Key, keyString, parseKey } from './resources.ts';

export interface Controller {
  readonly queue: WorkQueue;
  enqueue(key: Key): void;
  /** Looks at every key that `keys` gives for a change in the cache. */
  watch<T>(cache: Cache<T>, keys: (change: Change<T>) => readonly Key[]): void;
  stop(): Promise<void>;
}

/** `reconcile` returns the milliseconds after which it wants to look again, or nothing. */
export function createController(
  name: string,
  reconcile: (key: Key) => Promise<number | undefined>,
  log: (line: string) => void,
): Controller {
  const queue = createQueue({
    work: async (key) => {
      const delay = await reconcile(parseKey(key));
      if (delay !== undefined) queue.addAfter(key, delay);
    },
    onError: (key, error) => {
      if (!isConflict(error)) log(`controller ${name} failed for ${key}, trying again: ${messageOf(error)}`);
    },
  });
  const enqueue = (key: Key) => queue.add(keyString(key));
  return {
    queue,
    enqueue,
    watch: (cache, keys) => cache.onChange((change) => keys(change).forEach(enqueue)),
    stop: () => queue.stop(),
  };
}

/** The key of the changed object itself. */
export function ownKey<T>(change: Change<T>): Key[] {
  return [change.key];
}
