/** Node selectors, of pods and of volumes. */
import type { NodeSelector, NodeSelectorTerm, Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import { matchesLabels, matchesRequirement } from '../runtime/selector.ts';
import type { NodeView } from './snapshot.ts';

export function matchesTerm(term: NodeSelectorTerm, view: NodeView): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return false;
  const fieldValues = { 'metadata.name': view.node.metadata.name };
  return (
    expressions.every((requirement) => matchesRequirement(requirement, view.labels)) &&
    fields.every((requirement) => matchesRequirement(requirement, fieldValues))
  );
}

/** One of the terms must match. */
export function matchesNodeSelector(selector: NodeSelector | undefined, view: NodeView): boolean {
  return !selector || selector.nodeSelectorTerms.some((term) => matchesTerm(term, view));
}

export function matchesNodeAffinity(pod: Stored<Pod>, view: NodeView): boolean {
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return matchesLabels(pod.spec?.nodeSelector, view.labels) && matchesNodeSelector(required, view);
}
