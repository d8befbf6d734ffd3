/**
 * The primary Lease, as one look at it is judged.
 *
 * Invariant: a Lease is claimed only when it has no holder, or when the same holder and the same renewal were seen for a
 * whole lease duration by our own clock and enough instances have withdrawn their votes from that holder. Clocks of
 * different machines are never compared. An empty holder means that the last one's PostgreSQL has ended: it gave the
 * Lease back, or the operator emptied it with proof.
 *
 * A crash between claim and promotion leaves a Lease held by a standby: nobody else can be promoted until it has expired,
 * and the holder itself goes on with it, since the name is the same.
 */
import { leavesNoMajority } from '@matriarch/api';

export interface LeaseView {
  readonly holder: string;
  readonly renewTime: string;
  readonly durationSeconds: number;
  /** The term: grows with every claim. */
  readonly transitions: number;
  /** Names whose votes may count for the holder; empty = not written (an older manager), the instances of the Cluster. */
  readonly electorate: readonly string[];
  /** Place of the checkpoint with which the last holder shut down; undefined = it did not, or not cleanly. */
  readonly finalLsn: bigint | undefined;
  /** The instance that last wrote, or was about to be promoted; empty = nobody so far. */
  readonly lastPrimary: string;
}

export interface LeaseTimings {
  readonly durationSeconds: number;
  readonly renewDeadlineSeconds: number;
  readonly retryPeriodSeconds: number;
  readonly releasedDurationSeconds: number;
}

/** What was seen of another holder, and since when by our own monotonic clock. */
export interface Sighting {
  readonly holder: string;
  readonly renewTime: string;
  readonly sinceMs: number;
}

export type LeaseState =
  /** The operator makes the object; until then nobody may be primary. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'free' }
  | { readonly kind: 'ours' }
  | { readonly kind: 'theirs'; readonly holder: string; readonly sighting: Sighting; readonly remainingMs: number };

export function judgeLease(
  self: string,
  lease: LeaseView | undefined,
  sighting: Sighting | undefined,
  durationMs: number,
  nowMs: number,
): LeaseState {
  if (lease === undefined) return { kind: 'missing' };
  if (lease.holder === self) return { kind: 'ours' };
  if (lease.holder === '') return { kind: 'free' };
  const { holder, renewTime } = lease;
  const same = sighting?.holder === holder && sighting.renewTime === renewTime;
  const current: Sighting = same ? sighting : { holder, renewTime, sinceMs: nowMs };
  return { kind: 'theirs', holder, sighting: current, remainingMs: Math.max(0, current.sinceMs + durationMs - nowMs) };
}

/** A promise not to vote for terms up to this one any more, and when the last vote before it has run out. */
export interface Withdrawn {
  readonly term: number;
  readonly endsAtMs: number;
}

export type Claim =
  | { readonly kind: 'claim' }
  /** Not before the holder's time is over. */
  | { readonly kind: 'wait'; readonly reason: string }
  | { readonly kind: 'collect'; readonly term: number; readonly from: readonly string[] };

export interface ClaimView {
  readonly self: string;
  readonly lease: LeaseView | undefined;
  readonly state: LeaseState;
  /** All instances of the Cluster, for a Lease without an electorate. */
  readonly instanceNames: readonly string[];
  readonly withdrawals: ReadonlyMap<string, Withdrawn>;
}

/** Whether the Lease may be taken now, and what is missing for it. */
export function decideClaim(view: ClaimView, nowMs: number): Claim {
  const { state, lease } = view;
  if (state.kind === 'free' || state.kind === 'ours') return { kind: 'claim' };
  if (state.kind === 'missing' || lease === undefined) return { kind: 'wait', reason: 'the primary lease is missing' };
  if (state.remainingMs > 0) return { kind: 'wait', reason: `the primary lease is held by ${state.holder}` };
  const named = lease.electorate.length > 0 ? lease.electorate : view.instanceNames;
  const electorate = named.includes(state.holder) ? named : [...named, state.holder];
  const promised = electorate.filter((name) => (view.withdrawals.get(name)?.term ?? -1) >= lease.transitions);
  const over = promised.filter((name) => (view.withdrawals.get(name)?.endsAtMs ?? Number.POSITIVE_INFINITY) <= nowMs);
  if (leavesNoMajority(electorate, new Set(over))) return { kind: 'claim' };
  if (leavesNoMajority(electorate, new Set(promised))) {
    return { kind: 'wait', reason: `the last votes for ${state.holder} run out` };
  }
  const from = electorate.filter((name) => name !== state.holder && !promised.includes(name));
  return { kind: 'collect', term: lease.transitions, from };
}
