/**
 * The right of a primary to accept writes, and when it ends.
 *
 *   lease  --renewal not acknowledged for renewDeadline-->  votes  --no majority for 5 s-->  none
 *     ^------------------ a renewal is acknowledged ----------------------------------------'
 *
 * Invariant: whoever wants to replace this primary waits longer than the first kind of right lasts, and takes its votes
 * away before the second (docs/decisions/0009-who-may-write.md, rules 2 and 5). So PostgreSQL must not run beyond
 * `untilMs`. All times are of one monotonic clock, and count from the moment a question was *sent*.
 */
import { majority } from '@matriarch/api';

export interface AuthorityView {
  readonly self: string;
  /** When the last acknowledged renewal of the Lease was sent; undefined = never by this process. */
  readonly renewedAtMs: number | undefined;
  readonly renewDeadlineMs: number;
  /** Every electorate that the Lease may name: the acknowledged one, and those whose answer is missing. */
  readonly electorates: readonly (readonly string[])[];
  /** When the question was sent that an instance last answered with its vote. */
  readonly votes: ReadonlyMap<string, number>;
}

export type Authority =
  | { readonly kind: 'lease' | 'votes'; readonly untilMs: number }
  /** Nothing says that no other instance is the primary by now. */
  | { readonly kind: 'none' };

/** How long a vote counts for the primary that got it. */
export const voteMs = 5000;

/** Clocks of two machines may differ in rate by so much: whoever takes a right away waits so much longer. */
export const clockTolerance = 1.2;

/** What the right of a primary rests on at a moment. It ends for good unless something is renewed before `untilMs`. */
export function authorityAt(view: AuthorityView, nowMs: number): Authority {
  if (view.renewedAtMs === undefined) return { kind: 'none' };
  const leaseUntil = view.renewedAtMs + view.renewDeadlineMs;
  const votesUntil = Math.min(...view.electorates.map((electorate) => majorityUntil(view, electorate)));
  if (nowMs < leaseUntil && leaseUntil >= votesUntil) return { kind: 'lease', untilMs: leaseUntil };
  if (nowMs < votesUntil) return { kind: 'votes', untilMs: votesUntil };
  return nowMs < leaseUntil ? { kind: 'lease', untilMs: leaseUntil } : { kind: 'none' };
}

/** Until when a majority of the electorate stands behind this primary; it is one of them itself. */
function majorityUntil({ self, votes }: AuthorityView, electorate: readonly string[]): number {
  const ends = electorate
    .map((name) => (name === self ? Number.POSITIVE_INFINITY : (votes.get(name) ?? Number.NEGATIVE_INFINITY) + voteMs))
    .sort((a, b) => b - a);
  return ends[majority(electorate.length) - 1] ?? Number.NEGATIVE_INFINITY;
}
