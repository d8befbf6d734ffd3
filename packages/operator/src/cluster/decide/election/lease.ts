import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { postgresContainerName } from '../../builders/pod.ts';
import type { Draft } from '../draft.ts';

/**
 * Empties the Lease of a primary that is proven dead, so that its successor need not wait for the Lease to run out.
 *
 * Proof is a container that the kubelet reports as ended. Before that, another target must have been written down:
 * a manager that starts in this pod again reads it and does not take the Lease. The version of the Lease is part of
 * the write, so a renewal that came in between wins.
 */
export function releaseDeadLease({ snapshot, actions }: Draft): void {
  const { currentPrimary, targetPrimary } = snapshot.cluster.status ?? {};
  const { lease } = snapshot.owned;
  const pod = snapshot.pods.find(({ metadata }) => metadata?.name === currentPrimary);
  const written = targetPrimary !== undefined && targetPrimary !== currentPrimary;
  if (!written || !currentPrimary || lease?.spec?.holderIdentity !== currentPrimary || !pod || !hasEnded(pod)) return;
  const { name = '', resourceVersion } = lease.metadata ?? {};
  const body = { metadata: { resourceVersion }, spec: { holderIdentity: '' } };
  actions.push({ kind: 'patch', resource: 'leases', name, body });
}

function hasEnded(pod: Pod): boolean {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === postgresContainerName);
  if (status?.state?.running) return false;
  return (
    status?.state?.terminated !== undefined ||
    (status?.state?.waiting !== undefined && status.lastState?.terminated !== undefined)
  );
}
