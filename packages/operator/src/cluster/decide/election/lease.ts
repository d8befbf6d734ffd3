import { leaseAnnotations } from '@matriarch/api';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { postgresContainerName } from '../../builders/pod.ts';
import type { Draft } from '../draft.ts';

/**
 * Empties the Lease of a primary that is proven dead, so that its successor need not wait for the Lease to run out.
 *
 * Proof is a container that the kubelet reports as ended after the last renewal; both times are of the clock of one node.
 * Before that, another target must have been written down: a manager that starts in this pod again reads it and does
 * not take the Lease. The version of the Lease is part of the write, so a renewal that came in between wins. Whatever an
 * earlier primary handed over is taken off: this one handed over nothing.
 */
export function releaseDeadLease({ snapshot, actions }: Draft): void {
  const { currentPrimary, targetPrimary } = snapshot.cluster.status ?? {};
  const { lease } = snapshot.owned;
  const pod = snapshot.pods.find(({ metadata }) => metadata?.name === currentPrimary);
  const written = targetPrimary !== undefined && targetPrimary !== currentPrimary;
  if (!written || !currentPrimary || lease?.spec?.holderIdentity !== currentPrimary || !pod) return;
  const endedAt = endOf(pod);
  if (endedAt === undefined || endedAt + secondMs <= Date.parse(lease.spec.renewTime ?? '')) return;
  const { name = '', resourceVersion } = lease.metadata ?? {};
  const annotations = { [leaseAnnotations.finalLsn]: null, [leaseAnnotations.electorate]: null };
  const body = { metadata: { resourceVersion, annotations }, spec: { holderIdentity: '' } };
  actions.push({ kind: 'patch', resource: 'leases', name, body });
}

/** The kubelet tells whole seconds. */
const secondMs = 1000;

/** When the container of PostgreSQL ended, if it has and none runs instead; one without a time ended long ago. */
function endOf(pod: Pod): number | undefined {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === postgresContainerName);
  if (status?.state?.running) return undefined;
  const ended = status?.state?.terminated ?? (status?.state?.waiting ? status.lastState?.terminated : undefined);
  if (ended === undefined) return undefined;
  return ended.finishedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(ended.finishedAt);
}
