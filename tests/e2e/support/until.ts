import { setTimeout as delay } from 'node:timers/promises';

const lookMs = 100;

/**
 * Waits until a check holds. A check that throws has not held yet, and its last error is told when time is up.
 * @throws Error naming what was waited for.
 */
export async function until(what: string, timeoutMs: number, check: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      if (await check()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      const reason = last instanceof Error ? `: ${last.message}` : '';
      throw new Error(`not within ${timeoutMs / 1000} s: ${what}${reason}`, { cause: last });
    }
    await delay(lookMs);
  }
}
