/** How postgres is asked to stop, mildest first. */
export type StopMode = 'smart' | 'fast' | 'immediate' | 'kill';

export interface StopPhase {
  readonly mode: StopMode;
  /** How long it may take before the next phase begins. */
  readonly timeoutMs: number;
}

/** Why postgres stops: the pod ends or restarts it, or it must stop writing for somebody else's sake. */
export type StopReason =
  | 'terminate'
  | 'restart'
  | 'fence'
  | 'demote'
  | 'diverged'
  | 'unresponsive'
  | 'lost-lease'
  | 'isolated';

export interface StopTimes {
  readonly smartShutdownTimeoutSeconds: number;
  readonly stopDelaySeconds: number;
  readonly switchoverDelaySeconds: number;
}

export const stopSignals: Record<Exclude<StopMode, 'kill'>, NodeJS.Signals> = {
  smart: 'SIGTERM',
  fast: 'SIGINT',
  immediate: 'SIGQUIT',
};

/** For a server that must not answer one client more. */
export const killing: readonly StopPhase[] = [{ mode: 'kill', timeoutMs: 5000 }];

/** An immediate stop ends the children by force after five seconds on its own; then there is nothing to wait for. */
const lastResort: readonly StopPhase[] = [
  { mode: 'immediate', timeoutMs: 30_000 },
  { mode: 'kill', timeoutMs: 10_000 },
];

export function stopPlan(reason: StopReason, times: StopTimes): readonly StopPhase[] {
  switch (reason) {
    case 'terminate':
    case 'restart': {
      const fast: StopPhase = { mode: 'fast', timeoutMs: times.stopDelaySeconds * 1000 };
      if (times.stopDelaySeconds <= times.smartShutdownTimeoutSeconds) return [fast, ...lastResort];
      return [{ mode: 'smart', timeoutMs: times.smartShutdownTimeoutSeconds * 1000 }, fast, ...lastResort];
    }
    case 'fence':
    case 'demote':
    case 'diverged':
      return [{ mode: 'fast', timeoutMs: times.switchoverDelaySeconds * 1000 }, ...lastResort];
    case 'unresponsive':
    case 'lost-lease':
    case 'isolated':
      // Somebody else may be the primary by now, or waits for this one, which does not do what it is asked.
      return killing;
  }
}
