/** Waits; resolves early, without an error, when the signal fires. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

export interface Backoff {
  /** First delay, in ms. */
  base: number;
  /** Longest delay, in ms. */
  max: number;
}

/** Delay before attempt number `failures` (from 1): doubles each time, with a random part of a fifth. */
export function backoffDelay({ base, max }: Backoff, failures: number, random: () => number = Math.random): number {
  const delay = Math.min(max, base * 2 ** Math.min(failures - 1, 30));
  return delay * (0.8 + 0.2 * random());
}
