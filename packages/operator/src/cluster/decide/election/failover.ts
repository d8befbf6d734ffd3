import { clusterEvents, clusterPhases, failoverDelay, isReplicaCluster } from '@matriarch/api';
import { type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { type Draft, event, preciseTime, type Step, setPhase, setTargetPrimary } from '../draft.ts';
import { type InstanceView, isFenced } from '../instances.ts';
import { designatedPrimary } from './designated.ts';
import { drain } from './drain.ts';
import { candidates, lossOf } from './evidence.ts';
import { releaseDeadLease } from './lease.ts';
import { isConfirmed, quorumAllows } from './quorum.ts';
import { markUnhealthy } from './switching.ts';

/*
 * Who should be the primary (docs/decisions/0009-who-may-write.md, rules 8 and 9).
 *
 * Invariant: a new target is named only while `currentPrimary` equals `targetPrimary` or the named target is gone, and
 * promotion itself needs the Lease, which the old primary gives up only when its PostgreSQL is down or its time is over.
 * So two writes cannot lead to two primaries; a crash of the operator between them leaves `pending`, which the next pass
 * turns back into the current primary and decides anew.
 *
 * 1. The primary is not lost, or there is nobody to take its place: nothing to do. It may come back by itself.
 * 2. The delay the user asked for has not passed: wait.
 * 3. Those who can be asked cannot prove that one of them has all acknowledged commits: nothing, as in 1.
 * 4. The target becomes `pending` and the old primary loses its label: its manager, if alive, stops PostgreSQL, and the
 *    standbys stop to receive WAL and say so.
 * 5. Some standby still receives WAL, or too few have promised to receive none: wait, since the order may change.
 * 6. The one with the most WAL becomes the target.
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
  const loss = lossOf(draft);
  const able = candidates(draft);
  if (loss === undefined || able.length === 0) return undefined;
  const wait = delay(draft);
  if (wait) return wait;
  if (!quorumAllows(draft, able)) return undefined;
  begin(draft, loss);
  if (able.some(({ report }) => report?.isWalReceiverActive)) {
    return requeue(1_000, 'waiting for all WAL receivers to end');
  }
  const sure = isConfirmed(draft) ? able.filter((instance) => hasPromised(draft, instance)) : able;
  const [best] = sure;
  if (!best || !quorumAllows(draft, sure) || waitsForBetter(draft, able[0], best)) {
    return requeue(1_000, 'waiting for the standbys to receive no more WAL');
  }
  return name(draft, best);
}

/** The old primary is asked to stop, and its standbys to listen to it no longer. */
function begin(draft: Draft, loss: string): void {
  const { status } = draft;
  const current = status.currentPrimary ?? '';
  const message = `Current primary isn't healthy, initiating a failover from ${current}`;
  if (status.phase !== clusterPhases.failOver) {
    event(draft, 'Normal', clusterEvents.failingOver, message);
    draft.actions.push({ kind: 'log', message: 'The primary is lost', fields: { primary: current, loss } });
  }
  setPhase(draft, clusterPhases.failOver, message);
  setTargetPrimary(draft, 'pending');
  markUnhealthy(draft, current);
  releaseDeadLease(draft);
}

/** One that has more WAL is waited for, but not for ever: its manager may see nothing of the Cluster. */
function waitsForBetter({ snapshot }: Draft, first: InstanceView | undefined, best: InstanceView): boolean {
  if (first === best) return false;
  const since = Date.parse(snapshot.cluster.status?.targetPrimaryTimestamp ?? '');
  return snapshot.now - since < promisePatienceMs;
}

const promisePatienceMs = 10_000;

/** It knows of this election, and receives nothing since. */
function hasPromised({ snapshot }: Draft, { report }: InstanceView): boolean {
  const { targetPrimary, targetPrimaryTimestamp } = snapshot.cluster.status ?? {};
  if (targetPrimary !== 'pending' || targetPrimaryTimestamp === undefined) return false;
  return report?.targetSeen === targetPrimaryTimestamp;
}

function name(draft: Draft, best: InstanceView): ReconcileResult {
  const reason = `Failing over from ${draft.status.currentPrimary} to ${best.name}`;
  if (draft.snapshot.cluster.status?.phaseReason !== reason) {
    event(draft, 'Normal', clusterEvents.failoverTarget, reason);
  }
  setPhase(draft, clusterPhases.failOver, reason);
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
