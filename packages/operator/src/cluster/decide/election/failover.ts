import { clusterEvents, clusterPhases, failoverDelay, isReplicaCluster } from '@matriarch/api';
import { type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { type Draft, event, preciseTime, type Step, setPhase, setTargetPrimary } from '../draft.ts';
import { type InstanceView, isFenced } from '../instances.ts';
import { designatedPrimary } from './designated.ts';
import { drain } from './drain.ts';
import { releaseDeadLease } from './lease.ts';
import { quorumAllows } from './quorum.ts';
import { markUnhealthy } from './switching.ts';

/*
 * Who should be the primary.
 *
 * Invariant: a new target is named only while `currentPrimary` equals `targetPrimary` or the named target is gone, and
 * promotion itself needs the Lease, which the old primary gives up only when its PostgreSQL is down or its time is over.
 * So two writes cannot lead to two primaries; a crash of the operator between them leaves `pending`, which the next pass
 * turns back into the current primary and decides anew.
 *
 * 1. The first in order of fitness is the target already: nothing to do.
 * 2. It does not report: nothing is known, wait.
 * 3. The delay the user asked for has not passed: wait.
 * 4. The quorum (if asked for) cannot prove that the candidate has all acknowledged commits: refuse.
 * 5. The target becomes `pending` and the old primary loses its label: its manager, if alive, stops PostgreSQL.
 * 6. Some standby still receives WAL: wait, since the order may change.
 * 7. The best candidate becomes the target.
 */
export const failover: Step = (draft) => {
  const { snapshot, status } = draft;
  const primary = draft.instances.find(({ name }) => name === status.currentPrimary);
  if (!status.currentPrimary || !status.targetPrimary) return undefined;
  if (isFenced(snapshot.cluster, status.currentPrimary) || primary?.report?.mightBeUnavailable) return undefined;
  if (status.phase === clusterPhases.primaryRestart) return afterRestart(draft);
  if (isReplicaCluster(snapshot.cluster)) return designatedPrimary(draft);
  return drain(draft) ?? elect(draft);
};

/** The primary was restarted on purpose: no failover until all instances are back. */
function afterRestart(draft: Draft): ReconcileResult | undefined {
  const { instances, groups } = draft;
  if (instances.length < groups.length || instances.some(({ pod, active }) => !active || !pod.spec?.nodeName))
    return undefined;
  if (!instances.every(({ ready, active }) => ready && active))
    return requeue(1_000, 'waiting for the restarted primary');
  setPhase(draft, clusterPhases.healthy);
  return undefined;
}

function elect(draft: Draft): ReconcileResult | undefined {
  const { status, instances } = draft;
  const [best] = instances;
  if (!best || best.name === status.targetPrimary || !best.report || !best.active) return undefined;
  const wait = delay(draft);
  if (wait) return wait;
  const current = status.currentPrimary ?? '';
  if (status.currentPrimary === status.targetPrimary) {
    if (draft.snapshot.cluster.spec.postgresql?.synchronous?.failoverQuorum && !quorumAllows(draft)) return undefined;
    const message = `Current primary isn't healthy, initiating a failover from ${current}`;
    if (status.phase !== clusterPhases.failOver) event(draft, 'Normal', clusterEvents.failingOver, message);
    setPhase(draft, clusterPhases.failOver, message);
    setTargetPrimary(draft, 'pending');
    markUnhealthy(draft, current);
    releaseDeadLease(draft);
  }
  if (instances.some(({ name, report }) => name !== current && report?.isWalReceiverActive)) {
    return requeue(1_000, 'waiting for all WAL receivers to end');
  }
  return name(draft, best, current);
}

function name(draft: Draft, best: InstanceView, current: string): ReconcileResult {
  const { status } = draft;
  const replaced = status.targetPrimary !== 'pending' && status.targetPrimary !== current;
  const reason = `Failing over from ${current} to ${best.name}`;
  event(draft, 'Normal', clusterEvents.failoverTarget, reason);
  if (replaced) setPhase(draft, clusterPhases.switchover, `Switching over to ${best.name}`);
  else setPhase(draft, clusterPhases.failOver, reason);
  setTargetPrimary(draft, best.name);
  return requeue(1_000, reason);
}

const upgradeGraceSeconds = 30;

function delay({ snapshot, status }: Draft): ReconcileResult | undefined {
  const upgrading = status.phase === clusterPhases.onlineUpgrade;
  const seconds = Math.max(failoverDelay(snapshot.cluster), upgrading ? upgradeGraceSeconds : 0);
  if (seconds === 0) return undefined;
  status.currentPrimaryFailingSinceTimestamp ??= preciseTime(snapshot.now);
  const left = Date.parse(status.currentPrimaryFailingSinceTimestamp) + seconds * 1000 - snapshot.now;
  return left > 0 ? requeue(Math.min(left, 1_000), 'the failover delay has not passed') : undefined;
}
