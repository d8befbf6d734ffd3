import { type Cluster, primaryLease, smartShutdownTimeout, stopDelay, switchoverDelay } from '@matriarch/api';
import { clockTolerance } from '../authority/authority.ts';
import type { LeaseTimings } from '../lease/decide.ts';
import { type StopPhase, type StopReason, stopPlan } from '../postmaster/shutdown.ts';

/** The right to write ends early enough for a clock that is slower than that of the instance that waits for its end. */
export function leaseTimings(cluster: Cluster): LeaseTimings {
  const lease = primaryLease(cluster);
  return {
    durationSeconds: lease.leaseDurationSeconds,
    renewDeadlineSeconds: Math.min(lease.renewDeadlineSeconds, lease.leaseDurationSeconds / clockTolerance),
    retryPeriodSeconds: lease.retryPeriodSeconds,
    releasedDurationSeconds: lease.releasedLeaseDurationSeconds,
  };
}

/** How PostgreSQL of this cluster is stopped. */
export function clusterStopPlan(cluster: Cluster, reason: StopReason): readonly StopPhase[] {
  return stopPlan(reason, {
    smartShutdownTimeoutSeconds: smartShutdownTimeout(cluster),
    stopDelaySeconds: stopDelay(cluster),
    switchoverDelaySeconds: switchoverDelay(cluster),
  });
}
