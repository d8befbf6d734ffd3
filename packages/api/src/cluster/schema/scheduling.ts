import { nodeAffinity, podAffinity, podAntiAffinity, toleration } from '../../kubernetes/index.ts';
import { array, as, boolean, map, object, type Static, string } from '../../schema/nodes.ts';

export const affinity = object('Where the instances may run.', {
  additionalPodAffinity: as(podAffinity, 'Pods that the instances should be near to.'),
  additionalPodAntiAffinity: as(podAntiAffinity, 'Pods that the instances should be away from.'),
  enablePodAntiAffinity: boolean('Keep the instances apart from each other. Empty: true.'),
  nodeAffinity: as(nodeAffinity, 'Nodes that the instances may or should run on.'),
  nodeSelector: map(string(), 'Labels that a node must have.'),
  podAntiAffinityType: string('required: never two instances in one place; preferred: only if there is no other.'),
  tolerations: array(toleration, 'Taints that the instances tolerate.'),
  topologyKey: string('Node label that tells places apart. Empty: kubernetes.io/hostname.'),
});
export type AffinityConfiguration = Static<typeof affinity>;
