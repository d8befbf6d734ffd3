/**
 * A queue of keys. A key waits at most once; while it is worked on, a new request for it waits until that is over, so
 * that no two workers hold the same key. A later time never replaces an earlier one.
 */
export interface Queue {
  add(key: string): void;
  addAfter(key: string, ms: number): void;
  /** Next key, or undefined once the queue is closed. The caller must call `done` with it. */
  take(): Promise<string | undefined>;
  done(key: string): void;
  /** Keys that wait, without those that are only scheduled. */
  readonly length: number;
  close(): void;
}

export function createQueue(now: () => number = Date.now): Queue {
  const waiting = new Set<string>();
  const working = new Set<string>();
  const again = new Set<string>();
  const scheduled = new Map<string, { at: number; timer: NodeJS.Timeout }>();
  const takers: ((key: string | undefined) => void)[] = [];
  let closed = false;

  const unschedule = (key: string) => {
    const entry = scheduled.get(key);
    if (!entry) return;
    clearTimeout(entry.timer);
    scheduled.delete(key);
  };

  const hand = () => {
    while (takers.length > 0 && waiting.size > 0) {
      const [key] = waiting;
      if (key === undefined) return;
      waiting.delete(key);
      working.add(key);
      takers.shift()?.(key);
    }
  };

  const add = (key: string) => {
    if (closed) return;
    unschedule(key);
    if (working.has(key)) again.add(key);
    else waiting.add(key);
    hand();
  };

  return {
    add,
    addAfter(key, ms) {
      if (closed || waiting.has(key) || again.has(key)) return;
      if (ms <= 0) return add(key);
      const at = now() + ms;
      const known = scheduled.get(key);
      if (known && known.at <= at) return;
      unschedule(key);
      scheduled.set(key, { at, timer: setTimeout(() => add(key), ms) });
    },
    take() {
      if (closed) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        takers.push(resolve);
        hand();
      });
    },
    done(key) {
      working.delete(key);
      if (again.delete(key)) add(key);
    },
    get length() {
      return waiting.size;
    },
    close() {
      closed = true;
      for (const key of [...scheduled.keys()]) unschedule(key);
      waiting.clear();
      again.clear();
      for (const taker of takers.splice(0)) taker(undefined);
    },
  };
}
