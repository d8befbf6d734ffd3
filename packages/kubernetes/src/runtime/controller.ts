import { isConflict } from '../errors.ts';
import { createQueue, type Queue } from './queue.ts';
import { type Backoff, backoffDelay } from './time.ts';

/** How a reconcile ended. A throw means: try again, with growing delays. */
export type ReconcileResult =
  | { kind: 'done' }
  /** Look again after this time at the latest; a change brings it forward. */
  | { kind: 'requeue'; afterMs: number; reason: string }
  /** Nothing will help but a change of the object. */
  | { kind: 'terminal'; reason: string };

export const done: ReconcileResult = { kind: 'done' };

export function requeue(afterMs: number, reason: string): ReconcileResult {
  return { kind: 'requeue', afterMs, reason };
}

export interface ControllerOptions {
  name: string;
  /** Brings one object a step nearer to what is wanted; `key` is namespace/name. */
  reconcile: (key: string, signal: AbortSignal) => Promise<ReconcileResult>;
  workers?: number;
  backoff?: Backoff;
  /** Told about every throw, with the delay that follows. */
  onError?: (key: string, error: unknown, retryMs: number) => void;
  /** Told about every reconcile that did not throw. */
  onResult?: (key: string, result: ReconcileResult) => void;
  queue?: Queue;
}

export interface Controller {
  enqueue(key: string): void;
  /** Works until the signal fires and all running reconciles have ended. */
  start(signal: AbortSignal): Promise<void>;
}

export function createController(options: ControllerOptions): Controller {
  const queue = options.queue ?? createQueue();
  const failures = new Map<string, number>();
  const backoff = options.backoff ?? { base: 100, max: 30_000 };

  async function work(key: string, signal: AbortSignal): Promise<void> {
    try {
      const result = await options.reconcile(key, signal);
      failures.delete(key);
      options.onResult?.(key, result);
      if (result.kind === 'requeue') queue.addAfter(key, result.afterMs);
    } catch (error) {
      if (signal.aborted) return;
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      // A conflict means only that our copy was old; the newer one is on its way.
      const delay = isConflict(error) && count < 10 ? 20 * count : backoffDelay(backoff, count);
      options.onError?.(key, error, delay);
      queue.addAfter(key, delay);
    }
  }

  async function worker(signal: AbortSignal): Promise<void> {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      await work(key, signal);
      queue.done(key);
    }
  }

  return {
    enqueue: (key) => queue.add(key),
    async start(signal) {
      if (signal.aborted) return;
      signal.addEventListener('abort', () => queue.close(), { once: true });
      await Promise.all(Array.from({ length: options.workers ?? 1 }, () => worker(signal)));
    },
  };
}
