import { leavesNoMajority } from '@matriarch/api';
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

/** Standbys that could become the primary, the best one first. */
export function candidates({ instances, status }: Draft): InstanceView[] {
  return instances.filter(
    ({ name, report, active }) =>
      name !== status.currentPrimary && active && report !== undefined && report.unresponsiveReason === undefined,
  );
}
