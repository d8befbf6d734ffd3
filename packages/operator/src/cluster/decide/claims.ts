import { annotations, pvcStatus } from '@matriarch/api';
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts';
import { expectedClaims, instanceName } from '../builders/pvc.ts';
import type { Snapshot } from '../snapshot.ts';
import { podName } from './instances.ts';

/** The volume claims of one instance, with the pod and the job that use them. */
export interface ClaimGroup {
  readonly serial: number;
  readonly name: string;
  readonly claims: readonly PersistentVolumeClaim[];
  readonly missing: readonly string[];
  readonly pod: Pod | undefined;
  /** The job that fills the claims, done or not. */
  readonly job: Job | undefined;
  /** A claim with this instance's name is still on its way out. */
  readonly leaving: boolean;
  /** All expected claims may be attached to a pod. */
  readonly ready: boolean;
}

export const claimName = (claim: PersistentVolumeClaim): string => claim.metadata?.name ?? '';

/** Claims without the annotation count as not filled. */
export const claimStatus = (claim: PersistentVolumeClaim): string =>
  claim.metadata?.annotations?.[annotations.pvcStatus] ?? pvcStatus.initializing;

export function serialOf(object: { metadata?: { annotations?: Record<string, string> } }): number | undefined {
  const text = object.metadata?.annotations?.[annotations.nodeSerial] ?? '';
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Claims that count: not ended, with a serial and a status that we know. */
function isUsable(claim: PersistentVolumeClaim): boolean {
  const phase = claim.status?.phase;
  const known: string[] = [pvcStatus.initializing, pvcStatus.ready];
  return (
    claim.metadata?.deletionTimestamp === undefined &&
    (phase === undefined || phase === 'Pending' || phase === 'Bound') &&
    serialOf(claim) !== undefined &&
    known.includes(claimStatus(claim))
  );
}

export function groupClaims(snapshot: Snapshot): ClaimGroup[] {
  const { claims } = snapshot;
  const serials = new Set(claims.filter(isUsable).map((claim) => serialOf(claim) ?? 0));
  return [...serials]
    .sort((a, b) => a - b)
    .map((serial) =>
      groupOf(
        snapshot,
        serial,
        claims.filter((claim) => isUsable(claim) && serialOf(claim) === serial),
      ),
    )
    .map((group) => ({ ...group, leaving: isLeaving(snapshot, group.name) }));
}

function groupOf(snapshot: Snapshot, serial: number, claims: PersistentVolumeClaim[]): Omit<ClaimGroup, 'leaving'> {
  const { cluster, pods, jobs } = snapshot;
  const name = instanceName(cluster, serial);
  const present = claims.map(claimName);
  const expected = expectedClaims(cluster, name).map((claim) => claim.name);
  const missing = expected.filter((claim) => !present.includes(claim));
  return {
    serial,
    name,
    claims,
    missing,
    pod: pods.find((pod) => podName(pod) === name),
    job: jobs.find((job) => usesClaim(job, name)),
    ready: missing.length === 0 && claims.every((claim) => claimStatus(claim) === pvcStatus.ready),
  };
}

/** A claim of this name is there and not ours to use: being deleted, or of an earlier cluster. */
export function isLeaving({ cluster, claims, foreignClaims }: Snapshot, instance: string): boolean {
  const names = expectedClaims(cluster, instance).map(({ name }) => name);
  const leaving = claims.some(
    (claim) => names.includes(claimName(claim)) && claim.metadata?.deletionTimestamp !== undefined,
  );
  return leaving || names.some((name) => foreignClaims.has(name));
}

function usesClaim(job: Job, claim: string): boolean {
  const volumes = job.spec?.template.spec?.volumes ?? [];
  return volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claim);
}

/** The smallest serial that no group has; what is on its way out with that serial is waited for. */
export function nextSerial(groups: readonly ClaimGroup[]): number {
  const used = new Set(groups.map(({ serial }) => serial));
  let serial = 1;
  while (used.has(serial)) serial += 1;
  return serial;
}

export function isJobComplete(job: Job): boolean {
  return (job.status?.conditions ?? []).some(({ type, status }) => type === 'Complete' && status === 'True');
}

export function isJobFailed(job: Job): boolean {
  return (job.status?.conditions ?? []).some(({ type, status }) => type === 'Failed' && status === 'True');
}
