import { clusterPhases, isReplicaCluster, leaseAnnotations } from '@matriarch/api';
import { compareLsn } from '../../../instances/report.ts';
import type { Draft } from '../draft.ts';
import { lossOf } from './evidence.ts';

/** So long the target of a switchover has to receive the last WAL of the old primary. */
const patienceMs = 10_000;

/**
 * Why a planned switchover cannot come to its end, undefined while it can.
 *
 * Its end needs the old primary to shut down cleanly, to note the place of its last checkpoint on the Lease, and the
 * target to have everything up to there. An elected target needs none of this; there the candidates were compared.
 */
export function brokenHandover(draft: Draft): string | undefined {
  const { snapshot, status, instances } = draft;
  if (status.phase === clusterPhases.failOver || isReplicaCluster(snapshot.cluster)) return undefined;
  const { lease } = snapshot.owned;
  const holder = lease?.spec?.holderIdentity ?? '';
  const finalLsn = lease?.metadata?.annotations?.[leaseAnnotations.finalLsn];
  const target = instances.find(({ name }) => name === status.targetPrimary);
  if (holder === status.currentPrimary) {
    // A former primary that has not rejoined yet, or an instance that is starting, has nothing to be promoted with.
    if (target?.report === undefined) return `${status.targetPrimary} does not report as a standby`;
    const primary = instances.find(({ name }) => name === status.currentPrimary);
    // It stops, as it was asked to.
    if (primary?.report || primary?.observation.kind === 'unavailable') return undefined;
    return lossOf(draft);
  }
  if (holder !== '') return undefined;
  const lastPrimary = lease?.metadata?.annotations?.[leaseAnnotations.lastPrimary];
  // A manager of another make says nothing of its end; and the target that wrote its name there has all it needs.
  if (lastPrimary === undefined || lastPrimary === status.targetPrimary) return undefined;
  if (finalLsn === undefined) return 'the old primary ended without a clean shutdown';
  const report = target?.report;
  const waited = snapshot.now - Date.parse(status.targetPrimaryTimestamp ?? '');
  const lacks = report !== undefined && !report.isPrimary && compareLsn(report.receivedLsn, finalLsn) <= 0;
  return lacks && waited > patienceMs ? `${status.targetPrimary} lacks the last WAL of the old primary` : undefined;
}
