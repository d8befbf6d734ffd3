/**
 * Who this instance has to be.
 *
 *   target == me, data is a standby's            -> promote (with the lease)
 *   target == me, data is a primary's            -> hold the lease, say that we are the primary
 *   target != me, data is a primary's            -> stop writing, give the lease back, become a standby
 *   target != me, data is a standby's            -> follow
 *
 * Invariant: PostgreSQL runs with a primary's data only while this instance is the target and holds the lease; so a
 * `pending` target, which names nobody, stops a primary too.
 *
 * Crash points: after the promotion and before the Cluster says so, the next pass finds a primary's data and says it;
 * after the stop and before standby.signal is written, the next start finds a primary's data that is not the target's
 * and goes the way of an old primary again.
 */
export interface RoleView {
  readonly podName: string;
  readonly targetPrimary: string;
  readonly currentPrimary: string;
  readonly replicaCluster: boolean;
  /** Whether the data directory has no standby.signal. */
  readonly looksPrimary: boolean;
}

export type RoleStep = 'promote' | 'hold' | 'demote' | 'follow' | 'designate';

export function decideRole(view: RoleView): RoleStep {
  const target = view.targetPrimary === view.podName;
  if (view.replicaCluster) {
    if (view.looksPrimary) return 'demote';
    return target ? 'designate' : 'follow';
  }
  if (view.looksPrimary) return target ? 'hold' : 'demote';
  return target ? 'promote' : 'follow';
}
