import { clusterEvents, clusterPhases, primaryUpdateStrategy } from '@matriarch/api';
import { type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { type Draft, event, type Step, setPhase } from '../draft.ts';
import { type InstanceView, isFenced } from '../instances.ts';
import { deletePod } from '../resources/pods.ts';
import { type Need, rolloutNeed } from './need.ts';
import { takeSlot } from './pace.ts';
import { updatePrimary } from './primary.ts';

/*
 * Restarts of instances, one at a time: the standby that is furthest behind first, the primary last.
 *
 * Invariant: one is restarted only while all instances are ready, answer and run with the same configuration. So an
 * instance that does not come back, for instance because PostgreSQL refuses a setting, ends the rollout: all others go
 * on with what they have. A deleted pod is made again from its volumes; nothing has to be remembered, and a crash
 * between two steps only means that the next pass finds one instance less that needs anything.
 */
export const rollout: Step = (draft) => {
  const { snapshot, instances, status } = draft;
  for (const instance of instances.toReversed()) {
    if (instance.name === status.currentPrimary || isFenced(snapshot.cluster, instance.name)) continue;
    const need = rolloutNeed(draft, instance);
    if (need) return takeSlot(draft, instance.name, need.reason) ?? replace(draft, instance, need);
  }
  const primary = instances.find(({ name }) => name === status.currentPrimary);
  if (!primary || isFenced(snapshot.cluster, primary.name)) return undefined;
  const need = rolloutNeed(draft, primary);
  if (!need) return undefined;
  if (primaryUpdateStrategy(snapshot.cluster) === 'unsupervised') return updatePrimary(draft, primary, need);
  setPhase(draft, clusterPhases.waitingForUser, 'User must issue a supervised switchover');
  return requeue(10_000, 'waiting for a supervised switchover');
};

function replace(draft: Draft, instance: InstanceView, { reason }: Need): ReconcileResult {
  event(draft, 'Normal', clusterEvents.upgradingInstance, `Upgrading instance ${instance.name}`);
  setPhase(draft, clusterPhases.upgrade, `Upgrading instance ${instance.name} due to: ${reason}`);
  deletePod(draft, instance.pod);
  return requeue(1_000, reason);
}
