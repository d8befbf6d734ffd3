/** topologySpreadConstraints. */
import type { Pod, TopologySpreadConstraint } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import { matchesSelector } from '../runtime/selector.ts';
import { matchesNodeAffinity } from './node-affinity.ts';
import type { NodeView, Snapshot } from './snapshot.ts';

/** Matching pods in each domain of the constraint, over the nodes the pod may use. */
export function domainCounts(
  constraint: TopologySpreadConstraint,
  pod: Stored<Pod>,
  snapshot: Snapshot,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const view of snapshot.nodes) {
    const domain = view.labels[constraint.topologyKey];
    if (domain === undefined || !matchesNodeAffinity(pod, view)) continue;
    const here = view.pods.filter(
      ({ metadata }) =>
        metadata.namespace === pod.metadata.namespace &&
        metadata.deletionTimestamp === undefined &&
        matchesSelector(constraint.labelSelector, metadata.labels),
    ).length;
    counts.set(domain, (counts.get(domain) ?? 0) + here);
  }
  return counts;
}

/** How uneven it would be with the pod here; Infinity where the node has no such domain. */
export function skewWith(
  constraint: TopologySpreadConstraint,
  pod: Stored<Pod>,
  view: NodeView,
  snapshot: Snapshot,
): number {
  const domain = view.labels[constraint.topologyKey];
  if (domain === undefined) return Number.POSITIVE_INFINITY;
  const counts = domainCounts(constraint, pod, snapshot);
  const minimum = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values());
  const self = matchesSelector(constraint.labelSelector, pod.metadata.labels) ? 1 : 0;
  return (counts.get(domain) ?? 0) + self - minimum;
}

export function satisfiesSpread(pod: Stored<Pod>, view: NodeView, snapshot: Snapshot): boolean {
  return (pod.spec?.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable !== 'ScheduleAnyway')
    .every((constraint) => skewWith(constraint, pod, view, snapshot) <= constraint.maxSkew);
}
