import { annotations, labels, pvcStatus, roles } from '@matriarch/api';
import type { KubernetesObject } from '@matriarch/kubernetes';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { KindName } from '../../kinds.ts';
import { inheritedAnnotations, inheritedLabels } from '../builders/metadata.ts';
import { claimName, claimStatus, serialOf } from './claims.ts';
import { buildContext, type Draft, type Step } from './draft.ts';
import { isPodActive, podName, roleLabelOf } from './instances.ts';
import { contains } from './merge.ts';

/** Role labels of pods and claims, and the metadata that they take over from the cluster. */
export const metadata: Step = (draft) => {
  const { snapshot, status } = draft;
  const primary = status.currentPrimary;
  for (const pod of snapshot.pods) {
    if (!primary || !isPodActive(pod)) continue;
    keep(draft, 'pods', pod, isBeingReplaced(draft, pod) ? {} : roleLabels(podName(pod) === primary));
  }
  for (const claim of snapshot.claims) {
    const instance = claim.metadata?.labels?.[labels.instanceName];
    if (claim.metadata?.deletionTimestamp || serialOf(claim) === undefined) continue;
    keep(draft, 'persistentVolumeClaims', claim, primary ? roleLabels(instance === primary) : {});
    if (snapshot.pods.some((pod) => podName(pod) === instance) && claimStatus(claim) !== pvcStatus.ready) {
      markReady(draft, claimName(claim));
    }
  }
  return undefined;
};

/** A primary that a failover has begun to replace keeps the label `unhealthy` until there is another one. */
function isBeingReplaced({ snapshot }: Draft, pod: Pod): boolean {
  const { currentPrimary, targetPrimary } = snapshot.cluster.status ?? {};
  return currentPrimary !== targetPrimary && roleLabelOf(pod) === roles.instance.unhealthy;
}

export function roleLabels(isPrimary: boolean): Record<string, string> {
  const role = isPrimary ? roles.instance.primary : roles.instance.replica;
  return { [labels.role]: role, [labels.instanceRole]: role };
}

function keep(draft: Draft, resource: KindName, object: KubernetesObject, own: Record<string, string>): void {
  const context = buildContext(draft);
  const wanted = { labels: { ...inheritedLabels(context), ...own }, annotations: inheritedAnnotations(context) };
  if (contains(object.metadata, wanted)) return;
  const { labels: liveLabels, annotations: liveAnnotations } = object.metadata ?? {};
  const body = {
    labels: changed(liveLabels, wanted.labels),
    annotations: changed(liveAnnotations, wanted.annotations),
  };
  draft.actions.push({ kind: 'patch', resource, name: object.metadata?.name ?? '', body: { metadata: body } });
}

function changed(live: Record<string, string> | undefined, wanted: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(wanted).filter(([key, value]) => live?.[key] !== value));
}

/** Says that a claim is filled and may be attached to a pod. */
export function markReady(draft: Draft, claim: string): void {
  const body = { metadata: { annotations: { [annotations.pvcStatus]: pvcStatus.ready } } };
  draft.actions.push({ kind: 'patch', resource: 'persistentVolumeClaims', name: claim, body });
}
