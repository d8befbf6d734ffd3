import {
  annotations,
  clusterEvents,
  clusterPhases,
  isReplicaCluster,
  primaryUpdateMethod,
  primaryUpdateStrategy,
} from '@matriarch/api';
import { type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { type Draft, event, type Step, setPhase, setTargetPrimary } from '../draft.ts';
import { type InstanceView, isFenced } from '../instances.ts';
import { deletePod } from '../resources/pods.ts';
import { type Need, rolloutNeed } from './need.ts';

/*
 * Restarts of instances, one at a time, each only while all instances are ready: the standby that is furthest behind
 * first, the primary last. A deleted pod is made again from its volumes; nothing has to be remembered.
 */
export const rollout: Step = (draft) => {
  const { snapshot, instances, status } = draft;
  for (const instance of instances.toReversed()) {
    if (instance.name === status.currentPrimary || isFenced(snapshot.cluster, instance.name)) continue;
    const need = rolloutNeed(draft, instance);
    if (need) return delayed(draft, instance) ?? replace(draft, instance, need);
  }
  const primary = instances.find(({ name }) => name === status.currentPrimary);
  if (!primary || isFenced(snapshot.cluster, primary.name)) return undefined;
  const need = rolloutNeed(draft, primary);
  return need ? updatePrimary(draft, primary, need) : undefined;
};

function replace(draft: Draft, instance: InstanceView, { reason }: Need): ReconcileResult {
  event(draft, 'Normal', clusterEvents.upgradingInstance, `Upgrading instance ${instance.name}`);
  setPhase(draft, clusterPhases.upgrade, `Upgrading instance ${instance.name} due to: ${reason}`);
  draft.actions.push({ kind: 'recordRollout', instance: instance.name, reason });
  deletePod(draft, instance.pod);
  return requeue(1_000, reason);
}

function updatePrimary(draft: Draft, primary: InstanceView, need: Need): ReconcileResult | undefined {
  const { cluster } = draft.snapshot;
  // The manager of the primary restarts PostgreSQL itself when sensitive settings were lowered.
  const lowered = primary.report?.pendingRestartForDecrease === true;
  if (primaryUpdateStrategy(cluster) === 'supervised') {
    setPhase(draft, clusterPhases.waitingForUser, 'User must issue a supervised switchover');
    return requeue(10_000, 'waiting for a supervised switchover');
  }
  if (lowered && need.inPlace) return requeue(1_000, 'the primary is restarted by its manager');
  const wait = delayed(draft, primary);
  if (wait) return wait;
  draft.actions.push({ kind: 'recordRollout', instance: primary.name, reason: need.reason });
  if (primaryUpdateMethod(cluster) === 'switchover' && draft.instances.length > 1)
    return switchover(draft, primary, need);
  return restart(draft, primary, need);
}

function restart(draft: Draft, primary: InstanceView, { reason, inPlace }: Need): ReconcileResult {
  if (inPlace) {
    setPhase(draft, clusterPhases.inplacePrimaryRestart, reason);
    const restartedAt = draft.snapshot.cluster.metadata.annotations?.[annotations.restartedAt];
    const body = { metadata: { annotations: { [annotations.restartedAt]: restartedAt } } };
    if (restartedAt) draft.actions.push({ kind: 'patch', resource: 'pods', name: primary.name, body });
    return requeue(1_000, reason);
  }
  setPhase(draft, clusterPhases.primaryRestart, reason);
  deletePod(draft, primary.pod);
  return requeue(1_000, reason);
}

function switchover(draft: Draft, primary: InstanceView, { reason }: Need): ReconcileResult {
  const { instances, snapshot } = draft;
  const others = instances.filter(({ name }) => name !== primary.name);
  const target = isReplicaCluster(snapshot.cluster) ? others[0] : instances[1];
  if (!target?.report?.isWalReceiverActive) return requeue(5_000, 'waiting for a standby that receives WAL');
  event(
    draft,
    'Normal',
    clusterEvents.switchover,
    `Initiating switchover to ${target.name} to upgrade ${primary.name}`,
  );
  setPhase(draft, clusterPhases.upgrade, `The primary instance needs to be restarted: ${reason}`);
  setTargetPrimary(draft, target.name);
  return requeue(1_000, reason);
}

/** The administrator asked for pauses between rollouts. */
function delayed(draft: Draft, { name }: InstanceView): ReconcileResult | undefined {
  const { config, now, rollouts } = draft.snapshot;
  const until = (at: number | undefined, seconds: number) => (at === undefined ? 0 : at + seconds * 1000 - now);
  const left = Math.max(
    until(rollouts.thisCluster, config.instancesRolloutDelay),
    until(rollouts.anyCluster, config.clustersRolloutDelay),
  );
  if (left <= 0) return undefined;
  const message = `Rollout of pod ${name} have been delayed for ${Math.ceil(left / 1000)}s`;
  event(draft, 'Normal', clusterEvents.rolloutDelayed, message);
  setPhase(
    draft,
    clusterPhases.upgradeDelayed,
    'The cluster needs to be updated, but the operator is configured to delay it',
  );
  return requeue(15_000, message);
}
