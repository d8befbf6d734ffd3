/**
 * Replacement of instance managers, one at a time in each cluster, beside its passes: a failover must not wait for 120 MB.
 *
 *   idle --begin--> sending --> resting --time--> idle
 *
 * Nothing of it has to survive the operator: whether an instance runs the right version is told by its report.
 */
import type { SendOutcome } from './send.ts';

/** What goes on in one cluster, as its decisions see it. */
export type UpdateState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'sending'; readonly instance: string }
  /** After an attempt: its result is not in the reports yet, or the next one has to wait. */
  | { readonly kind: 'resting'; readonly until: number };

export interface ManagerUpdates {
  state(cluster: string): UpdateState;
  /** Starts an attempt unless one is under way; `ended` is told its outcome. */
  begin(
    cluster: string,
    instance: string,
    send: (signal: AbortSignal) => Promise<SendOutcome>,
    ended: (outcome: SendOutcome) => void,
  ): void;
  forget(cluster: string): void;
}

/** A new manager needs a moment until the reports are its own. */
const settleMs = 1_000;
const laterMs = 10_000;
const failedMs = 30_000;

const restMs: Record<SendOutcome['kind'], number> = { replaced: settleMs, later: laterMs, failed: failedMs };

export function createManagerUpdates(now: () => number, changed: (cluster: string) => void): ManagerUpdates {
  const states = new Map<string, { state: UpdateState; stop: AbortController }>();
  return {
    state(cluster) {
      const state = states.get(cluster)?.state ?? { kind: 'idle' };
      return state.kind === 'resting' && state.until <= now() ? { kind: 'idle' } : state;
    },
    begin(cluster, instance, send, ended) {
      if (states.get(cluster)?.state.kind === 'sending') return;
      const stop = new AbortController();
      const entry = { state: { kind: 'sending', instance } as UpdateState, stop };
      states.set(cluster, entry);
      const finish = (outcome: SendOutcome) => {
        if (states.get(cluster) !== entry) return;
        entry.state = { kind: 'resting', until: now() + restMs[outcome.kind] };
        ended(outcome);
        changed(cluster);
      };
      send(stop.signal).then(finish, (error: unknown) =>
        finish({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) }),
      );
    },
    forget(cluster) {
      states.get(cluster)?.stop.abort();
      states.delete(cluster);
    },
  };
}
