import { clusterPhases, isPromotionPending, labels, roles } from '@matriarch/api';
import { requeue } from '@matriarch/kubernetes';
import { type Draft, type Step, setPhase } from '../draft.ts';
import { roleLabelOf } from '../instances.ts';
import { createPod } from '../resources/creation.ts';
import { fallBack } from './fallback.ts';
import { brokenHandover } from './handover.ts';
import { releaseDeadLease } from './lease.ts';

/**
 * Once a new primary is wanted, nothing else happens until it says that it is one. The old primary loses its role
 * label meanwhile, so that no service leads to it. A planned switchover whose old primary does not hand over is given up:
 * the current primary is the target again, and becomes it or is replaced by an election.
 */
export const switching: Step = (draft) => {
  const { currentPrimary, targetPrimary } = draft.status;
  if (!currentPrimary || currentPrimary === targetPrimary) return undefined;
  const broken = brokenHandover(draft);
  if (broken !== undefined) {
    draft.actions.push({ kind: 'log', message: 'The switchover is given up', fields: { targetPrimary, broken } });
    fallBack(draft);
    return undefined;
  }
  markUnhealthy(draft, currentPrimary);
  releaseDeadLease(draft);
  if (draft.status.phase === clusterPhases.failOver) giveBackPods(draft);
  return requeue(1_000, `waiting for ${targetPrimary ?? 'the new primary'} to take over`);
};

/** A target may need the word of an instance whose pod is gone, that of the old primary above all. */
function giveBackPods(draft: Draft): void {
  for (const group of draft.groups) if (!group.pod && group.ready && !group.leaving) createPod(draft, group);
}

export function markUnhealthy(draft: Draft, name: string): void {
  const old = draft.instances.find((instance) => instance.name === name);
  if (!old || old.terminating || roleLabelOf(old.pod) === roles.instance.unhealthy) return;
  const { unhealthy } = roles.instance;
  const body = { metadata: { labels: { [labels.role]: unhealthy, [labels.instanceRole]: unhealthy } } };
  draft.actions.push({ kind: 'patch', resource: 'pods', name, body });
}

/** A replica cluster that is to be promoted with a token waits until its designated primary has checked it. */
export const promotionToken: Step = (draft) => {
  if (!draft.snapshot.cluster.spec.replica?.promotionToken) delete draft.status.lastPromotionToken;
  if (!isPromotionPending(draft.snapshot.cluster)) return undefined;
  if (draft.status.phase !== clusterPhases.unrecoverable) setPhase(draft, clusterPhases.promotingToPrimaryCluster);
  return requeue(1_000, 'waiting for the promotion token to be checked');
};
