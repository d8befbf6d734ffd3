/** Rules between pods: be where those are, or are not. */
import type { Pod, PodAffinityTerm } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import { matchesSelector } from '../runtime/selector.ts';
import type { NodeView, Snapshot } from './snapshot.ts';

/** Whether a pod is one that the term of `owner` speaks of. */
export function termMatches(term: PodAffinityTerm, owner: Stored<Pod>, pod: Stored<Pod>, snapshot: Snapshot): boolean {
  const { namespace = '', labels } = pod.metadata;
  const inNamespace =
    term.namespaces === undefined && term.namespaceSelector === undefined
      ? namespace === owner.metadata.namespace
      : (term.namespaces ?? []).includes(namespace) ||
        matchesSelector(term.namespaceSelector, snapshot.namespaces.get(namespace)?.metadata.labels ?? {});
  return inNamespace && matchesSelector(term.labelSelector, labels);
}

/** How many pods that the term speaks of are in the same topology as the node. */
export function countInTopology(term: PodAffinityTerm, owner: Stored<Pod>, view: NodeView, snapshot: Snapshot): number {
  const value = view.labels[term.topologyKey];
  if (value === undefined) return 0;
  let count = 0;
  for (const other of snapshot.nodes) {
    if (other.labels[term.topologyKey] !== value) continue;
    for (const pod of other.pods) if (termMatches(term, owner, pod, snapshot)) count += 1;
  }
  return count;
}

export function satisfiesAffinity(pod: Stored<Pod>, view: NodeView, snapshot: Snapshot): boolean {
  const terms = pod.spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.every((term) => {
    if (view.labels[term.topologyKey] === undefined) return false;
    if (countInTopology(term, pod, view, snapshot) > 0) return true;
    // The first of a group that wants to be together may go anywhere.
    const nobodyAnywhere = snapshot.nodes.every(
      (other) => !other.pods.some((each) => termMatches(term, pod, each, snapshot)),
    );
    return nobodyAnywhere && termMatches(term, pod, pod, snapshot);
  });
}

export function satisfiesAntiAffinity(pod: Stored<Pod>, view: NodeView, snapshot: Snapshot): boolean {
  const terms = pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.every((term) => countInTopology(term, pod, view, snapshot) === 0);
}

/** No pod that is already there refuses this one. */
export function toleratedByOthers(pod: Stored<Pod>, view: NodeView, snapshot: Snapshot): boolean {
  return snapshot.nodes.every((other) =>
    other.pods.every((each) => {
      const terms = each.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
      return terms.every((term) => {
        const value = other.labels[term.topologyKey];
        const together = value !== undefined && value === view.labels[term.topologyKey];
        return !together || !termMatches(term, each, pod, snapshot);
      });
    }),
  );
}
