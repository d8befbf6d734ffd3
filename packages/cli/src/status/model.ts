import type { Cluster } from '@matriarch/api';
import { annotations, isReplicaCluster } from '@matriarch/api';
import type { Paint } from '../output/colour.ts';
import type { Instance, Snapshot } from './collect.ts';
import type { InstanceReport } from './instance-status.ts';
import { byLsnDescending } from './lsn.ts';

/** A snapshot with what several sections need to know of it. */
export interface StatusView extends Snapshot {
  /** Report of the instance that speaks for the cluster. */
  primary: InstanceReport | undefined;
  isReplica: boolean;
  isHibernated: boolean;
  fenced: string[];
  verbosity: number;
  now: Date;
  paint: Paint;
}

export function createView(snapshot: Snapshot, settings: Pick<StatusView, 'verbosity' | 'now' | 'paint'>): StatusView {
  const { cluster } = snapshot;
  const isReplica = isReplicaCluster(cluster);
  return {
    ...snapshot,
    ...settings,
    primary: primaryReport(snapshot, isReplica),
    isReplica,
    isHibernated: conditionOf(cluster, 'cnpg.io/hibernation')?.status === 'True',
    fenced: fencedInstances(cluster),
  };
}

function primaryReport({ instances, primaryPod }: Snapshot, isReplica: boolean): InstanceReport | undefined {
  return instances.find(
    ({ report, name }) =>
      report !== undefined &&
      (report.isPrimary ||
        (report.replicationInfo?.length ?? 0) > 0 ||
        (isReplica && name === primaryPod?.metadata?.name)),
  )?.report;
}

/** Condition of a type, as the Cluster's status holds it. */
export function conditionOf(cluster: Cluster, type: string) {
  return cluster.status?.conditions?.find((condition) => condition.type === type);
}

function fencedInstances(cluster: Cluster): string[] {
  try {
    const names: unknown = JSON.parse(cluster.metadata.annotations?.[annotations.fencedInstances] ?? '[]');
    return Array.isArray(names) ? names.map(String) : [];
  } catch {
    return [];
  }
}

/** Whether an instance, or all of them, is fenced. */
export function isFenced(view: StatusView, instance: string | undefined): boolean {
  return view.fenced.includes('*') || (instance !== undefined && view.fenced.includes(instance));
}

/** Instances in the order in which they are shown: primary first, then the most advanced; those in error last. */
export function sortInstances(view: StatusView): Instance[] {
  const rank = ({ report }: Instance) => (report === undefined ? 2 : report.isPrimary ? 0 : 1);
  const current = view.cluster.status?.currentPrimary;
  return [...view.instances].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.report?.isPrimary ? 0 : byLsnDescending(a.report?.receivedLsn, b.report?.receivedLsn)) ||
      (a.report?.isPrimary ? 0 : byLsnDescending(a.report?.replayLsn, b.report?.replayLsn)) ||
      (view.isReplica ? Number(b.name === current) - Number(a.name === current) : 0) ||
      (a.name < b.name ? -1 : 1),
  );
}
