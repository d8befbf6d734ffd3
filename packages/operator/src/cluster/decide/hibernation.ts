import { annotations, clusterPhases, conditionMessages, conditionReasons, conditionTypes } from '@matriarch/api';
import { done, requeue } from '@matriarch/kubernetes';
import type { Condition } from 'kubernetes-types/meta/v1.d.ts';
import { type Draft, type Step, setCondition } from './draft.ts';
import { isTerminating, podName } from './instances.ts';

/**
 * Hibernation: the pods go, one at a time and the primary first; the volumes stay. It begins only on a healthy cluster,
 * and once begun it goes on. The condition says how far it is.
 */
export const hibernation: Step = (draft) => {
  const { snapshot, status } = draft;
  const type = conditionTypes.hibernation;
  const known = status.conditions?.find((condition) => condition.type === type);
  if (snapshot.cluster.metadata.annotations?.[annotations.hibernation] !== 'on') {
    if (known) status.conditions = (status.conditions ?? []).filter((condition) => condition !== known);
    return undefined;
  }
  const begun = known !== undefined && known.reason !== conditionReasons.waitingForHealthy;
  if (!begun && status.phase !== clusterPhases.healthy) {
    mark(draft, 'False', conditionReasons.waitingForHealthy, `Cluster not healthy yet: phase "${status.phase ?? ''}"`);
    return undefined;
  }
  const leaving = snapshot.pods.find(isTerminating);
  if (leaving) {
    mark(draft, 'False', conditionReasons.waitingPodsDeletion, `Waiting for ${podName(leaving)} to be deleted`);
    return requeue(5_000, 'waiting for a pod to end');
  }
  const next = snapshot.pods.find((pod) => podName(pod) === status.currentPrimary) ?? snapshot.pods[0];
  if (!next) {
    mark(draft, 'True', conditionReasons.hibernated, conditionMessages.hibernated);
    return done;
  }
  mark(draft, 'False', conditionReasons.deletingPods, conditionMessages.deletingPods);
  const uid = next.metadata?.uid;
  draft.actions.push({ kind: 'delete', resource: 'pods', name: podName(next), ...(uid ? { uid } : {}) });
  return requeue(5_000, 'deleting pods');
};

function mark(draft: Draft, status: Condition['status'], reason: string, message: string): void {
  setCondition(draft, { type: conditionTypes.hibernation, status, reason, message });
}
