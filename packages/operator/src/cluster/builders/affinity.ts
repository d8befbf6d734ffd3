import { type Cluster, isPodAntiAffinityEnabled, labels, roles, topologyKey } from '@matriarch/api';
import type { Affinity, PodAffinityTerm, PodAntiAffinity } from 'kubernetes-types/core/v1.d.ts';

/** Keeps the instances of a cluster apart, and adds what the user asks for. */
export function buildAffinity(cluster: Cluster): Affinity | undefined {
  const { affinity } = cluster.spec;
  const podAntiAffinity = antiAffinity(cluster);
  const result: Affinity = {
    ...(affinity?.nodeAffinity ? { nodeAffinity: affinity.nodeAffinity } : {}),
    ...(affinity?.additionalPodAffinity ? { podAffinity: affinity.additionalPodAffinity } : {}),
    ...(podAntiAffinity ? { podAntiAffinity } : {}),
  };
  return Object.keys(result).length === 0 ? undefined : result;
}

function antiAffinity(cluster: Cluster): PodAntiAffinity | undefined {
  const { affinity } = cluster.spec;
  const extra = affinity?.additionalPodAntiAffinity;
  if (!isPodAntiAffinityEnabled(cluster)) return extra;
  const podAffinityTerm: PodAffinityTerm = {
    labelSelector: {
      matchExpressions: [
        { key: labels.cluster, operator: 'In', values: [cluster.metadata.name] },
        { key: labels.podRole, operator: 'In', values: [roles.pod.instance] },
      ],
    },
    topologyKey: topologyKey(cluster),
  };
  const required = affinity?.podAntiAffinityType === 'required';
  const requiredTerms = [
    ...(required ? [podAffinityTerm] : []),
    ...(extra?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
  ];
  const preferredTerms = [
    ...(required ? [] : [{ weight: 100, podAffinityTerm }]),
    ...(extra?.preferredDuringSchedulingIgnoredDuringExecution ?? []),
  ];
  return {
    ...(requiredTerms.length > 0 ? { requiredDuringSchedulingIgnoredDuringExecution: requiredTerms } : {}),
    ...(preferredTerms.length > 0 ? { preferredDuringSchedulingIgnoredDuringExecution: preferredTerms } : {}),
  };
}
