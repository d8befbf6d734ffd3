import { type ClusterStatus, failureDomainKeys } from '@matriarch/api';
import type { Snapshot } from '../../snapshot.ts';
import { isPodActive, podName } from '../instances.ts';

/** Where the instances run, by the labels that the cluster asks about. */
export function topologyOf({ cluster, pods, nodes }: Snapshot): NonNullable<ClusterStatus['topology']> {
  const active = pods.filter((pod) => isPodActive(pod) && pod.spec?.nodeName);
  const domain = failureDomainKeys(cluster);
  const constraint = cluster.spec.postgresql?.syncReplicaElectionConstraint;
  const nodeKeys = [
    ...(constraint?.enabled ? (constraint.nodeLabelsAntiAffinity ?? []) : []),
    ...(domain?.of === 'node' ? domain.keys : []),
  ];
  const podKeys = domain?.of === 'pod' ? domain.keys : [];
  let complete = true;
  const instances: Record<string, Record<string, string>> = {};
  for (const pod of active) {
    const node = nodes.get(pod.spec?.nodeName ?? '');
    const labels: Record<string, string> = {};
    const copy = (keys: readonly string[], from: Record<string, string> | undefined) => {
      for (const key of keys) {
        const value = from?.[key];
        if (value === undefined) complete = false;
        else labels[key] = value;
      }
    };
    copy(nodeKeys, node?.metadata?.labels);
    copy(podKeys, pod.metadata?.labels);
    instances[podName(pod)] = labels;
  }
  const nodesUsed = new Set(active.map((pod) => pod.spec?.nodeName)).size;
  return { instances, nodesUsed, successfullyExtracted: complete };
}
