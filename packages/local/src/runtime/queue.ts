/**
 * A queue of keys to look at. A key is never looked at twice at the same time; added while it is being looked at, it comes again
 * afterwards. A failure brings it back with growing delay; a success forgets its failures.
 */
export interface WorkQueue {
  add(key: string): void;
  /** Later additions of the same key do not cancel this one. */
  addAfter(key: string, milliseconds: number): void;
  /** Resolves when nothing is being worked on. Nothing new is started after this call. */
  stop(): Promise<void>;
}

export interface QueueOptions {
  readonly work: (key: string) => Promise<void>;
  /** Told of failures that come again and again; the first ones are often only a race. */
  readonly onError: (key: string, error: unknown) => void;
  /** How many keys at a time. */
  readonly concurrency?: number;
}

const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 30_000;
const SILENT_FAILURES = 4;

export function retryDelay(failures: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 20));
}

export function createQueue({ work, onError, concurrency = 4 }: QueueOptions): WorkQueue {
  const waiting = new Set<string>();
  const active = new Map<string, Promise<void>>();
  const again = new Set<string>();
  const failures = new Map<string, number>();
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;

  const addAfter = (key: string, milliseconds: number) => {
    if (stopped) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      add(key);
    }, milliseconds);
    timers.add(timer);
  };
  const runOne = async (key: string) => {
    try {
      await work(key);
      failures.delete(key);
    } catch (error) {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      if (!stopped && count >= SILENT_FAILURES) onError(key, error);
      addAfter(key, retryDelay(count));
    }
    active.delete(key);
    if (again.delete(key)) add(key);
    pump();
  };
  const pump = () => {
    for (const key of waiting) {
      if (stopped || active.size >= concurrency) return;
      waiting.delete(key);
      active.set(key, runOne(key));
    }
  };
  const add = (key: string) => {
    if (stopped) return;
    if (active.has(key)) again.add(key);
    else if (!waiting.has(key)) {
      waiting.add(key);
      queueMicrotask(pump);
    }
  };
  return {
    add,
    addAfter,
    stop: async () => {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      waiting.clear();
      await Promise.all(active.values());
    },
  };
}
