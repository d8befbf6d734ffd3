/** Why a pod may not run on a node. */
import type { Pod, Taint, Toleration } from 'kubernetes-types/core/v1.d.ts';
import { quantity } from '../runtime/quantity.ts';
import type { Stored } from '../runtime/resources.ts';
import { matchesNodeAffinity, matchesNodeSelector } from './node-affinity.ts';
import { satisfiesAffinity, satisfiesAntiAffinity, toleratedByOthers } from './pod-affinity.ts';
import { type NodeView, requestedOn, requestsOf, SELECTED_NODE, type Snapshot } from './snapshot.ts';
import { satisfiesSpread } from './spread.ts';

export function tolerates(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return (tolerations ?? []).some(({ key, operator, value, effect }) => {
    if (effect !== undefined && effect !== '' && effect !== taint.effect) return false;
    if (key === undefined || key === '') return operator === 'Exists';
    return key === taint.key && (operator === 'Exists' || (value ?? '') === (taint.value ?? ''));
  });
}

const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function taintReason(pod: Stored<Pod>, view: NodeView): string | undefined {
  const { spec } = view.node;
  const tolerations = pod.spec?.tolerations;
  if (spec?.unschedulable && !tolerates(tolerations, UNSCHEDULABLE)) return 'node(s) were unschedulable';
  const taint = (spec?.taints ?? []).find(
    (each) => each.effect !== 'PreferNoSchedule' && !tolerates(tolerations, each),
  );
  return taint && `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
}

function resourceReasons(pod: Stored<Pod>, view: NodeView): string[] {
  const wanted = requestsOf(pod);
  const used = requestedOn(view);
  const { allocatable } = view.node.status ?? {};
  const reasons: string[] = [];
  if (allocatable?.pods !== undefined && view.pods.length + 1 > quantity(allocatable.pods))
    reasons.push('Too many pods');
  for (const name of ['cpu', 'memory'] as const) {
    if (allocatable?.[name] === undefined || wanted[name] === 0) continue;
    if (used[name] + wanted[name] > quantity(allocatable[name])) reasons.push(`Insufficient ${name}`);
  }
  return reasons;
}

function volumeReason(view: NodeView, snapshot: Snapshot): string | undefined {
  for (const found of snapshot.claims.values()) {
    if (!found) continue;
    const { claim, volume, storageClass } = found;
    if (volume && !matchesNodeSelector(volume.spec?.nodeAffinity?.required, view)) {
      return 'node(s) had volume node affinity conflict';
    }
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    const known = snapshot.nodes.some(({ node }) => node.metadata.name === selected);
    if (!volume && selected !== undefined && known && selected !== view.node.metadata.name) {
      return 'node(s) did not match the node selected for a volume';
    }
    const topologies = storageClass?.allowedTopologies;
    const allowed = topologies?.some(({ matchLabelExpressions }) =>
      (matchLabelExpressions ?? []).every(({ key, values }) => values.includes(view.labels[key] ?? '')),
    );
    if (!volume && topologies && !allowed) return "node(s) didn't find available persistent volumes to bind";
  }
  return undefined;
}

/** Empty when the pod may run there. */
export function reasonsAgainst(pod: Stored<Pod>, view: NodeView, snapshot: Snapshot): string[] {
  const taint = taintReason(pod, view);
  if (taint !== undefined) return [taint];
  if (!matchesNodeAffinity(pod, view)) return ["node(s) didn't match Pod's node affinity/selector"];
  const resources = resourceReasons(pod, view);
  if (resources.length > 0) return resources;
  const volume = volumeReason(view, snapshot);
  if (volume !== undefined) return [volume];
  if (!satisfiesSpread(pod, view, snapshot)) return ["node(s) didn't match pod topology spread constraints"];
  if (!satisfiesAffinity(pod, view, snapshot)) return ["node(s) didn't match pod affinity rules"];
  if (!satisfiesAntiAffinity(pod, view, snapshot)) return ["node(s) didn't match pod anti-affinity rules"];
  if (!toleratedByOthers(pod, view, snapshot)) return ["node(s) didn't satisfy existing pods anti-affinity rules"];
  return [];
}
