import type { Server } from './start.ts';

/**
 * `smart` waits for clients to leave, `fast` ends their sessions, `immediate` ends without a checkpoint so that the
 * next start recovers; `kill` is for a server that does not answer.
 */
export type StopMode = 'smart' | 'fast' | 'immediate' | 'kill';

export interface StopPhase {
  readonly mode: StopMode;
  readonly timeoutMs: number;
}

export const stopSignals: Readonly<Record<StopMode, NodeJS.Signals>> = {
  smart: 'SIGTERM',
  fast: 'SIGINT',
  immediate: 'SIGQUIT',
  kill: 'SIGKILL',
};

/** setTimeout counts in 31 bits. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Stops a server phase after phase until it has ended. An abort cuts the waiting of the current phase short, so that
 * the next, harsher one begins.
 * @throws Error when all phases have passed and it still runs.
 */
export async function stopServer(server: Server, phases: readonly StopPhase[], hurry?: AbortSignal): Promise<StopMode> {
  for (const { mode, timeoutMs } of phases) {
    server.kill(stopSignals[mode]);
    if (await endsWithin(server, timeoutMs, mode === 'smart' ? hurry : undefined)) return mode;
  }
  throw new Error(`postgres (process ${server.pid}) has not ended after ${phases.map(({ mode }) => mode).join(', ')}`);
}

async function endsWithin(server: Server, timeoutMs: number, hurry: AbortSignal | undefined): Promise<boolean> {
  if (hurry?.aborted) return false;
  const waiting = new AbortController();
  const late = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), Math.min(timeoutMs, longestTimerMs));
    waiting.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    hurry?.addEventListener('abort', () => resolve(false), { once: true, signal: waiting.signal });
  });
  try {
    return await Promise.race([server.exited.then(() => true), late]);
  } finally {
    waiting.abort();
  }
}
