/**
 * The vote of an instance for a primary that has lost the API server.
 *
 * Invariant: after a withdrawal from a term has been answered with `remainingMs`, no vote of this instance for that term
 * counts once this time is over, even if the process ends and starts again in between. A new process does not know what
 * the one before it answered, so it lets its first five seconds count as if it had voted at its start; and it does not vote
 * for the old primary again, since the Cluster names another target before any candidate asks for withdrawals.
 */
import { clockTolerance, voteMs } from './authority.ts';

export interface VoterState {
  /** Votes for terms up to this one are refused; -1 = none. */
  readonly withdrawnTerm: number;
  /** When the last vote was given, whoever it was for; at first the start of the process. */
  readonly votedAtMs: number;
}

export interface VoteRequest {
  readonly primary: string;
  /** `leaseTransitions` of the Lease that the asking primary holds. */
  readonly term: number;
}

/** What the voter's own copy of the Cluster says. */
export interface VoterView {
  readonly self: string;
  readonly targetPrimary: string;
}

export type Vote =
  | { readonly granted: true; readonly state: VoterState }
  | { readonly granted: false; readonly reason: string };

export const newVoter = (nowMs: number): VoterState => ({ withdrawnTerm: -1, votedAtMs: nowMs });

export function vote(state: VoterState, request: VoteRequest, view: VoterView, nowMs: number): Vote {
  if (request.term <= state.withdrawnTerm) {
    return { granted: false, reason: `${view.self} supports another instance since term ${state.withdrawnTerm}` };
  }
  if (view.targetPrimary !== request.primary) {
    return { granted: false, reason: `the target primary is ${view.targetPrimary || 'not known'} for ${view.self}` };
  }
  return { granted: true, state: { ...state, votedAtMs: nowMs } };
}

export interface Withdrawal {
  readonly state: VoterState;
  /** How long the last vote still counts. */
  readonly remainingMs: number;
}

/** Stops supporting every primary up to a term. */
export function withdraw(state: VoterState, term: number, nowMs: number): Withdrawal {
  const remainingMs = Math.max(0, state.votedAtMs + voteMs * clockTolerance - nowMs);
  return { state: { ...state, withdrawnTerm: Math.max(state.withdrawnTerm, term) }, remainingMs };
}
