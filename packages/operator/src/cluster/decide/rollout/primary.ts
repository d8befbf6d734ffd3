import { annotations, clusterEvents, clusterPhases, isReplicaCluster, primaryUpdateMethod } from '@matriarch/api';
import { type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { type Draft, event, setPhase, setTargetPrimary } from '../draft.ts';
import type { InstanceView } from '../instances.ts';
import { deletePod } from '../resources/pods.ts';
import type { Need } from './need.ts';
import { takeSlot } from './pace.ts';

/** The primary, after all standbys: restarted where it is, made anew, or first replaced by a standby. */
export function updatePrimary(draft: Draft, primary: InstanceView, need: Need): ReconcileResult {
  // Its manager restarts PostgreSQL itself when settings were lowered that standbys must not have higher.
  if (need.inPlace && primary.report?.pendingRestartForDecrease) {
    return requeue(1_000, 'the primary is restarted by its manager');
  }
  if (primaryUpdateMethod(draft.snapshot.cluster) === 'switchover' && draft.instances.length > 1) {
    return switchOver(draft, primary, need);
  }
  // Its manager has been told and is at it: to tell it again would cost one more slot.
  if (need.inPlace && draft.status.phase === clusterPhases.inplacePrimaryRestart) {
    return requeue(1_000, 'waiting for the restart in place');
  }
  return takeSlot(draft, primary.name, need.reason) ?? restart(draft, primary, need);
}

function restart(draft: Draft, primary: InstanceView, { reason, inPlace }: Need): ReconcileResult {
  if (!inPlace) {
    setPhase(draft, clusterPhases.primaryRestart, reason);
    deletePod(draft, primary.pod);
    return requeue(1_000, reason);
  }
  setPhase(draft, clusterPhases.inplacePrimaryRestart, reason);
  const restartedAt = draft.snapshot.cluster.metadata.annotations?.[annotations.restartedAt];
  const body = { metadata: { annotations: { [annotations.restartedAt]: restartedAt } } };
  if (restartedAt) draft.actions.push({ kind: 'patch', resource: 'pods', name: primary.name, body });
  return requeue(1_000, reason);
}

function switchOver(draft: Draft, primary: InstanceView, { reason }: Need): ReconcileResult {
  const { instances, snapshot } = draft;
  const others = instances.filter(({ name }) => name !== primary.name);
  const target = isReplicaCluster(snapshot.cluster) ? others[0] : instances[1];
  if (!target?.report?.isWalReceiverActive) return requeue(5_000, 'waiting for a standby that receives WAL');
  const wait = takeSlot(draft, primary.name, reason);
  if (wait) return wait;
  const message = `Initiating switchover to ${target.name} to upgrade ${primary.name}`;
  event(draft, 'Normal', clusterEvents.switchover, message);
  setPhase(draft, clusterPhases.upgrade, `The primary instance needs to be restarted: ${reason}`);
  setTargetPrimary(draft, target.name);
  return requeue(1_000, reason);
}
