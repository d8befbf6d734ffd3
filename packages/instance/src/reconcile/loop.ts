import type { ReconcileResult } from '@matriarch/kubernetes';
import { errorText, type Logger } from '../logger.ts';

export interface ReconcileLoop {
  /** Something changed: run a pass now, or again after the one that runs. */
  wake(): void;
  /** Runs until the signal is aborted and the pass under way has ended. */
  run(signal: AbortSignal): Promise<void>;
}

const firstRetryMs = 100;
const longestRetryMs = 5000;

/** Runs one pass at a time; a failed pass is tried again later and later, and at once when something changes. */
export function createLoop(pass: (signal: AbortSignal) => Promise<ReconcileResult>, logger: Logger): ReconcileLoop {
  let woken = Promise.withResolvers<void>();
  let retryMs = firstRetryMs;
  let lastReason = '';

  const runPass = async (signal: AbortSignal): Promise<number | undefined> => {
    try {
      const result = await pass(signal);
      retryMs = firstRetryMs;
      if (result.kind === 'done') {
        lastReason = '';
        return undefined;
      }
      // The same reason pass after pass is told once.
      if (result.reason !== lastReason) logger.info({ reason: result.reason }, 'Waiting');
      lastReason = result.reason;
      return result.kind === 'requeue' ? Math.max(result.afterMs, 10) : undefined;
    } catch (error) {
      if (signal.aborted) return undefined;
      logger.error({ error: errorText(error), retryMs }, 'A pass failed');
      const delay = retryMs;
      retryMs = Math.min(retryMs * 2, longestRetryMs);
      return delay;
    }
  };

  return {
    wake: () => woken.resolve(),
    async run(signal) {
      const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      while (!signal.aborted) {
        woken = Promise.withResolvers<void>();
        const delay = await runPass(signal);
        if (delay === undefined) {
          await Promise.race([woken.promise, aborted]);
          continue;
        }
        const timer = Promise.withResolvers<void>();
        const handle = setTimeout(timer.resolve, delay);
        await Promise.race([woken.promise, aborted, timer.promise]);
        clearTimeout(handle);
      }
    },
  };
}
