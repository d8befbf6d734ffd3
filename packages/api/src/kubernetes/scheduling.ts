// Where pods may run.
import type * as core from 'kubernetes-types/core/v1.d.ts';
import { reference } from './reference.ts';
import { labelSelector, nodeSelectorRequirements } from './selectors.ts';
import { atomicStruct, int32, int64, list, must, struct, text, texts } from './shorthand.ts';

const podAffinityTerm = struct({
  labelSelector,
  matchLabelKeys: texts,
  mismatchLabelKeys: texts,
  namespaceSelector: labelSelector,
  namespaces: texts,
  topologyKey: must(text),
});
const podTerms = {
  preferredDuringSchedulingIgnoredDuringExecution: list(
    struct({ podAffinityTerm: must(podAffinityTerm), weight: must(int32) }),
  ),
  requiredDuringSchedulingIgnoredDuringExecution: list(podAffinityTerm),
};
export const podAffinity = reference<core.PodAffinity>('core/v1 PodAffinity', podTerms);
export const podAntiAffinity = reference<core.PodAntiAffinity>('core/v1 PodAntiAffinity', podTerms);

const nodeSelectorTerm = atomicStruct({
  matchExpressions: nodeSelectorRequirements,
  matchFields: nodeSelectorRequirements,
});
export const nodeAffinity = reference<core.NodeAffinity>('core/v1 NodeAffinity', {
  preferredDuringSchedulingIgnoredDuringExecution: list(
    struct({ preference: must(nodeSelectorTerm), weight: must(int32) }),
  ),
  requiredDuringSchedulingIgnoredDuringExecution: atomicStruct({ nodeSelectorTerms: must(list(nodeSelectorTerm)) }),
});
export const affinity = struct({ nodeAffinity, podAffinity, podAntiAffinity });

export const toleration = reference<core.Toleration>('core/v1 Toleration', {
  effect: text,
  key: text,
  operator: text,
  tolerationSeconds: int64,
  value: text,
});

export const topologySpreadConstraint = reference<core.TopologySpreadConstraint>('core/v1 TopologySpreadConstraint', {
  labelSelector,
  matchLabelKeys: texts,
  maxSkew: must(int32),
  minDomains: int32,
  nodeAffinityPolicy: text,
  nodeTaintsPolicy: text,
  topologyKey: must(text),
  whenUnsatisfiable: must(text),
});
