import { annotations, areClaimsReused, clusterEvents, clusterPhases, isMaintenanceInProgress } from '@matriarch/api';
import { requeue } from '@matriarch/kubernetes';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { claimName, serialOf } from '../claims.ts';
import { type Draft, event, type Step, setPhase } from '../draft.ts';
import { isPodActive, isTerminating, podName } from '../instances.ts';
import { podReason } from '../rollout/need.ts';

export function deletePod(draft: Draft, pod: Pod, options: { now?: boolean } = {}): void {
  const uid = pod.metadata?.uid;
  const name = podName(pod);
  draft.actions.push({ kind: 'delete', resource: 'pods', name, ...(uid ? { uid } : {}), ...options });
}

function deleteClaims(draft: Draft, serial: number | undefined): void {
  for (const claim of draft.snapshot.claims) {
    if (serialOf(claim) !== serial || claim.metadata?.deletionTimestamp) continue;
    draft.actions.push({ kind: 'delete', resource: 'persistentVolumeClaims', name: claimName(claim) });
  }
}

/** The claims, the pod and the jobs of an instance, in the order in which nothing is made again meanwhile. */
export function deleteInstance(draft: Draft, name: string, serial: number, options: { now?: boolean } = {}): void {
  deleteClaims(draft, serial);
  const pod = draft.snapshot.pods.find((each) => podName(each) === name);
  if (pod) deletePod(draft, pod, options);
  const job = draft.groups.find((group) => group.name === name)?.job;
  if (job) draft.actions.push({ kind: 'delete', resource: 'jobs', name: job.metadata?.name ?? '' });
}

/** Pods that have ended are made anew from their volumes. */
export const endedPods: Step = (draft) => {
  const ended = draft.snapshot.pods.filter(
    (pod) => !isTerminating(pod) && (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'),
  );
  for (const pod of ended) {
    event(draft, 'Normal', clusterEvents.deletePod, `Deleted '${pod.status?.phase}' pod: '${podName(pod)}'`);
    deletePod(draft, pod);
  }
  return ended.length > 0 ? requeue(1_000, 'deleting ended pods') : undefined;
};

/**
 * Pods that fit nowhere. One that no longer is what it should be is made anew, since the change may be what lets it fit.
 * During maintenance without reuse of volumes, a standby is made anew elsewhere, volumes and all; never the primary,
 * whose volumes may be the only copy: a failover must have replaced it first.
 */
export const unschedulablePods: Step = (draft) => {
  const { cluster, pods } = draft.snapshot;
  const rebuild = isMaintenanceInProgress(cluster) && !areClaimsReused(cluster);
  const { currentPrimary, targetPrimary } = draft.status;
  const stuck = pods.filter((pod) => isPodActive(pod) && isUnschedulable(pod));
  let deleted = 0;
  for (const pod of stuck) {
    const name = podName(pod);
    const outdated = podReason(draft, pod) !== undefined;
    if (!outdated && (!rebuild || name === currentPrimary || name === targetPrimary)) continue;
    event(draft, 'Normal', clusterEvents.deletePod, `Deleted unschedulable pod ${name}`);
    deletePod(draft, pod);
    deleted += 1;
    if (outdated) continue;
    event(draft, 'Normal', clusterEvents.deletePVCs, `Deleted unschedulable pod ${name} PVCs`);
    deleteClaims(draft, serialOf(pod));
  }
  return deleted > 0 ? requeue(1_000, 'making unschedulable instances anew') : undefined;
};

export function isUnschedulable(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some(
    ({ type, status, reason }) => type === 'PodScheduled' && status === 'False' && reason === 'Unschedulable',
  );
}

/** A person said that an instance cannot be saved: it is thrown away, and made anew; never the primary. */
export const unrecoverablePods: Step = (draft) => {
  const { snapshot, status } = draft;
  const marked = snapshot.pods.find((pod) => {
    const name = podName(pod);
    const wanted = pod.metadata?.annotations?.[annotations.unrecoverable] !== undefined;
    return wanted && name !== status.currentPrimary && name !== status.targetPrimary;
  });
  if (!marked) return undefined;
  const name = podName(marked);
  const overdue = Date.parse(marked.metadata?.deletionTimestamp ?? '') < snapshot.now;
  if (!isTerminating(marked)) {
    event(
      draft,
      'Normal',
      clusterEvents.deleteUnrecoverableInstance,
      `Deleted unrecoverable instance ${name} (pods and PVCs)`,
    );
  }
  if (!isTerminating(marked) || overdue)
    deleteInstance(draft, name, serialOf(marked) ?? 0, overdue ? { now: true } : {});
  return requeue(5_000, `deleting the unrecoverable instance ${name}`);
};

/** Waits for pods that are starting or stopping. */
export const inactivePods: Step = (draft) => {
  const waiting = draft.snapshot.pods.filter(
    (pod) => !isPodActive(pod) || (pod.status?.phase ?? 'Pending') === 'Pending',
  );
  if (waiting.length === 0) return undefined;
  const { phase } = draft.status;
  const restarting = phase === clusterPhases.inplacePrimaryRestart || phase === clusterPhases.primaryRestart;
  if (!restarting) {
    const names = waiting.map(podName).join(', ');
    setPhase(draft, clusterPhases.waitingForInstances, `Some instances are not yet active: ${names}`);
  }
  return requeue(1_000, 'waiting for the instances to become active');
};
