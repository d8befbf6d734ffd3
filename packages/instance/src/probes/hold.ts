import { setTimeout as sleep } from 'node:timers/promises';
import type { ProbeResult } from './types.ts';

/**
 * Holds a probe until it passes, so that a pod becomes ready the moment PostgreSQL accepts and not at the kubelet's
 * next period. After `holdMs` the last result is given: the kubelet's own time limit must not be reached.
 */
export async function holdUntilPassed(
  check: () => Promise<ProbeResult>,
  holdMs: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const end = performance.now() + holdMs;
  for (;;) {
    const result = await check();
    const left = end - performance.now();
    if (result.ok || left <= 0 || signal.aborted) return result;
    await sleep(Math.min(pollMs, left), undefined, { signal }).catch(() => undefined);
  }
}

const pollMs = 15;
