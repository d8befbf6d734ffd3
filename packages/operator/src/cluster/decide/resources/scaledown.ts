import { clusterEvents } from '@matriarch/api';
import { requeue } from '@matriarch/kubernetes';
import { serialOf } from '../claims.ts';
import { type Draft, event, type Step } from '../draft.ts';
import { deleteInstance } from './pods.ts';

/** One instance less: first one without a pod, else the ready standby with the highest number. */
export const scaleDown: Step = (draft) => {
  const { cluster } = draft.snapshot;
  const wanted = cluster.spec.instances;
  if (draft.groups.length <= wanted) return undefined;
  const { maxSyncReplicas = 0 } = cluster.spec;
  if (maxSyncReplicas > 0 && wanted < maxSyncReplicas + 1) {
    const message = `Can't scale down lower than maxSyncReplicas, going back to ${draft.groups.length}`;
    event(draft, 'Warning', clusterEvents.noScaleDown, message);
    draft.actions.push({ kind: 'patchCluster', body: { spec: { instances: draft.groups.length } } });
    return requeue(1_000, message);
  }
  const victim = pickVictim(draft);
  if (!victim) return undefined;
  event(draft, 'Normal', clusterEvents.scaleDown, `Scaling down - removing instance: ${victim.name}`);
  deleteInstance(draft, victim.name, victim.serial);
  return requeue(1_000, `removing ${victim.name}`);
};

function pickVictim({ groups, instances, status }: Draft): { name: string; serial: number } | undefined {
  const names = [status.currentPrimary, status.targetPrimary];
  const withoutPod = groups.findLast((group) => !group.pod && !names.includes(group.name));
  if (withoutPod) return withoutPod;
  return instances
    .filter(({ ready, active, name }) => ready && active && !names.includes(name))
    .map(({ name, pod }) => ({ name, serial: serialOf(pod) ?? 0 }))
    .sort((a, b) => b.serial - a.serial)[0];
}
