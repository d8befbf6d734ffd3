import { leavesNoMajority } from '@matriarch/api';
import type { InstanceReport } from '../../../instances/report.ts';
import type { Draft } from '../draft.ts';
import type { InstanceView } from '../instances.ts';

/**
 * Why the current primary counts as lost, undefined while it does not.
 *
 * Invariant: a primary that reports, and is served by its PostgreSQL and its disk, is never lost, whatever a probe, a
 * label or a node says of it. One that does not report is lost by its manager's own last word, by what the kubelet
 * says of its pod, or by the word of so many standbys that they could also take its votes away; a single broken
 * connection, ours or a standby's, proves nothing.
 */
export function lossOf(draft: Draft): string | undefined {
  const name = draft.status.currentPrimary ?? '';
  const primary = draft.instances.find((instance) => instance.name === name);
  if (primary === undefined) return 'its pod is gone';
  if (primary.report) return primary.report.unresponsiveReason;
  if (primary.observation.kind === 'ended') return 'its PostgreSQL has ended';
  if (primary.terminating) return 'its pod is being deleted';
  if (!primary.active) return 'its pod has ended';
  if (!primary.ready) return 'its pod is not ready';
  return isAgreed(draft, name) ? 'neither the operator nor the other instances reach it' : undefined;
}

/** Standbys that report and do not reach the primary, enough of them, and none that does. */
function isAgreed({ instances, status, groups }: Draft, primary: string): boolean {
  const standbys = instances.filter(({ name, report }) => name !== primary && report !== undefined);
  if (standbys.length === 0 || !standbys.every(({ report }) => report?.primaryUnreachable === true)) return false;
  const electorate = status.instanceNames ?? groups.map(({ name }) => name);
  return leavesNoMajority(electorate, new Set(standbys.map(({ name }) => name)));
}

/**
 * Instances that could become the primary, the best one first: the newest timeline, then the most WAL. A position of an
 * older timeline says nothing beside one of a newer, since what came after the branch is not on it.
 *
 * One that says it is a primary was promoted and has not been able to tell the Cluster; whatever is being copied or
 * rewound has no data yet.
 */
export function candidates({ instances, status }: Draft): InstanceView[] {
  const able = instances.filter(
    ({ name, report, active }) => name !== status.currentPrimary && active && report !== undefined && isWhole(report),
  );
  const newest = Math.max(...able.map(timelineOf));
  const first = (a: InstanceView, b: InstanceView) => Number(b.report?.isPrimary) - Number(a.report?.isPrimary);
  // The instances are in order of their positions already.
  return able.filter((instance) => timelineOf(instance) === newest).sort(first);
}

/** Only these count for a quorum: others may have as many bytes and lack what was acknowledged. */
export function onNewestTimeline({ status }: Draft, able: readonly InstanceView[]): boolean {
  return able.every((instance) => timelineOf(instance) >= (status.timelineID ?? 0));
}

const timelineOf = ({ report }: InstanceView): number => report?.timeLineID ?? 0;

function isWhole(report: InstanceReport): boolean {
  const { unresponsiveReason, isPgRewindRunning, mightBeUnavailable, isPrimary, receivedLsn } = report;
  if (unresponsiveReason !== undefined || isPgRewindRunning || mightBeUnavailable) return false;
  return isPrimary || receivedLsn !== undefined;
}
