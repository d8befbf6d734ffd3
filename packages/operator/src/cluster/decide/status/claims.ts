import { type ClusterStatus, pvcStatus } from '@matriarch/api';
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts';
import { expectedClaims, instanceName } from '../../builders/pvc.ts';
import type { Snapshot } from '../../snapshot.ts';
import { claimName, claimStatus, isJobComplete, serialOf } from '../claims.ts';

type Lists = Required<
  Pick<ClusterStatus, 'healthyPVC' | 'danglingPVC' | 'initializingPVC' | 'resizingPVC' | 'unusablePVC'>
>;

/** Sorts the claims into the lists of the status. */
export function claimLists(snapshot: Snapshot): Lists {
  const lists: Lists = { healthyPVC: [], danglingPVC: [], initializingPVC: [], resizingPVC: [], unusablePVC: [] };
  for (const claim of snapshot.claims) {
    const list = listOf(snapshot, claim);
    if (list) lists[list].push(claimName(claim));
  }
  for (const list of Object.values(lists)) list.sort();
  return lists;
}

function listOf(snapshot: Snapshot, claim: PersistentVolumeClaim): keyof Lists | undefined {
  const serial = serialOf(claim);
  const phase = claim.status?.phase;
  if (claim.metadata?.deletionTimestamp || serial === undefined || phase === 'Lost') return undefined;
  if (claimStatus(claim) === pvcStatus.detached) return undefined;
  const expected = expectedClaims(snapshot.cluster, instanceName(snapshot.cluster, serial)).map(({ name }) => name);
  const present = snapshot.claims.filter((each) => serialOf(each) === serial).map(claimName);
  if (!expected.includes(claimName(claim)) || !expected.every((name) => present.includes(name))) return 'unusablePVC';
  const resizing = (claim.status?.conditions ?? []).some(
    ({ type, status }) => type === 'Resizing' && status === 'True',
  );
  if (usedBy(snapshot.pods, claim)) return resizing ? 'resizingPVC' : 'healthyPVC';
  if (resizing) return 'danglingPVC';
  const filling = snapshot.jobs.filter((job) => !isJobComplete(job)).map((job) => ({ spec: job.spec?.template.spec }));
  return usedBy(filling, claim) ? 'initializingPVC' : 'danglingPVC';
}

interface WithVolumes {
  spec?: { volumes?: { persistentVolumeClaim?: { claimName: string } }[] } | undefined;
}

function usedBy(users: readonly WithVolumes[], claim: PersistentVolumeClaim): boolean {
  return users.some(({ spec }) =>
    (spec?.volumes ?? []).some((volume) => volume.persistentVolumeClaim?.claimName === claimName(claim)),
  );
}
