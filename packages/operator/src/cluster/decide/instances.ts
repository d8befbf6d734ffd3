import { annotations, type Cluster, isReplicaCluster, labels, roles } from '@matriarch/api';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { compareLsn, type InstanceReport, type Observation } from '../../instances/report.ts';
import type { Snapshot } from '../snapshot.ts';

/** A pod of an instance with what its manager says. */
export interface InstanceView {
  readonly name: string;
  readonly pod: Pod;
  readonly ready: boolean;
  /** Running or about to, and not on its way out. */
  readonly active: boolean;
  readonly terminating: boolean;
  readonly observation: Observation;
  readonly report: InstanceReport | undefined;
}

export const podName = (pod: Pod): string => pod.metadata?.name ?? '';
export const isTerminating = (pod: Pod): boolean => pod.metadata?.deletionTimestamp !== undefined;

export function isPodReady(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** As for ReplicaSets: neither ended nor being deleted. */
export function isPodActive(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return phase !== 'Succeeded' && phase !== 'Failed' && !isTerminating(pod);
}

export function viewInstances(snapshot: Snapshot): InstanceView[] {
  const views = snapshot.pods.map((pod): InstanceView => {
    const name = podName(pod);
    const observation = snapshot.observations.get(name) ?? { kind: 'unknown' };
    return {
      name,
      pod,
      ready: isPodReady(pod),
      active: isPodActive(pod),
      terminating: isTerminating(pod),
      observation,
      report: observation.kind === 'report' ? observation.report : undefined,
    };
  });
  return views.sort(byFitness(snapshot.cluster));
}

/**
 * The order in which instances may become the primary: those that report before those that do not, reporting primaries
 * first, then the most WAL received, the most replayed, in a replica cluster the current primary, and the name.
 */
function byFitness(cluster: Cluster): (a: InstanceView, b: InstanceView) => number {
  const current = cluster.status?.currentPrimary;
  const truthFirst = (a: boolean, b: boolean) => Number(b) - Number(a);
  return (a, b) => {
    const reporting = truthFirst(a.report !== undefined, b.report !== undefined);
    const byName = a.name < b.name ? -1 : 1;
    if (reporting !== 0 || !a.report || !b.report) return reporting || byName;
    const primary = truthFirst(a.report.isPrimary, b.report.isPrimary);
    if (primary !== 0) return primary;
    if (a.report.isPrimary) return byName;
    return (
      compareLsn(b.report.receivedLsn, a.report.receivedLsn) ||
      compareLsn(b.report.replayLsn, a.report.replayLsn) ||
      (isReplicaCluster(cluster) ? truthFirst(a.name === current, b.name === current) : 0) ||
      byName
    );
  };
}

export const roleLabelOf = (pod: Pod): string | undefined =>
  pod.metadata?.labels?.[labels.instanceRole] ?? pod.metadata?.labels?.[labels.role];

export const isPrimaryRole = (role: string | undefined): boolean => role === roles.instance.primary;

/** Names of fenced instances; `*` stands for all. */
export function fencedInstances(cluster: Cluster): string[] {
  const text = cluster.metadata.annotations?.[annotations.fencedInstances];
  if (!text) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

export function isFenced(cluster: Cluster, name: string): boolean {
  const fenced = fencedInstances(cluster);
  return fenced.includes('*') || fenced.includes(name);
}
