/**
 * The primary lease: who may be primary.
 *
 * Invariant: an instance promotes, and goes on as primary, only as the holder. A lease is taken over from another
 * holder only after the same holder and the same renewal were seen for a whole lease duration by our own clock, so
 * clocks of different machines are never compared. A lease with an empty holder is free: its holder gave it back, or
 * the operator emptied it with proof that the holder has ended.
 *
 * A crash between claim and promotion leaves a lease held by a replica: nobody else can be promoted until it has
 * expired, and the holder itself claims it again at once, since the name is the same.
 */
export interface LeaseView {
  readonly holder: string;
  readonly renewTime: string;
  readonly durationSeconds: number;
  readonly transitions: number;
}

export interface LeaseTimings {
  readonly durationSeconds: number;
  readonly renewDeadlineSeconds: number;
  readonly retryPeriodSeconds: number;
  readonly releasedDurationSeconds: number;
}

export const defaultTimings: LeaseTimings = {
  durationSeconds: 15,
  renewDeadlineSeconds: 10,
  retryPeriodSeconds: 2,
  releasedDurationSeconds: 1,
};

/** What was seen of another holder, and since when by our own monotonic clock. */
export interface Sighting {
  readonly holder: string;
  readonly renewTime: string;
  readonly sinceMs: number;
}

export type LeaseStep =
  | { readonly kind: 'claim'; readonly transitions: number }
  | { readonly kind: 'renew' }
  /** The operator makes the object; until then nobody may be primary. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'wait'; readonly sighting: Sighting; readonly remainingMs: number };

/** Decides the next step of an instance that wants the lease or holds it. */
export function decideLease(
  self: string,
  lease: LeaseView | undefined,
  sighting: Sighting | undefined,
  durationSeconds: number,
  nowMs: number,
): LeaseStep {
  if (lease === undefined) return { kind: 'missing' };
  if (lease.holder === self) return { kind: 'renew' };
  if (lease.holder === '') return { kind: 'claim', transitions: lease.transitions + 1 };
  const same = sighting !== undefined && sighting.holder === lease.holder && sighting.renewTime === lease.renewTime;
  const current: Sighting = same ? sighting : { holder: lease.holder, renewTime: lease.renewTime, sinceMs: nowMs };
  const remainingMs = current.sinceMs + durationSeconds * 1000 - nowMs;
  if (remainingMs <= 0) return { kind: 'claim', transitions: lease.transitions + 1 };
  return { kind: 'wait', sighting: current, remainingMs };
}
