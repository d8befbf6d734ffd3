import { leaseAnnotations } from '@matriarch/api';
import { type Client, isNotFound, microTime, resources } from '@matriarch/kubernetes';
import { isLsn, parseLsn } from '@matriarch/postgres';
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import type { LeaseTimings, LeaseView } from './decide.ts';

export interface LeasePlace {
  readonly client: Client;
  readonly namespace: string;
  readonly name: string;
}

export async function readLease(place: LeasePlace, timeoutMs: number): Promise<Lease | undefined> {
  const { client, namespace, name } = place;
  try {
    return await client.get(resources.leases, { namespace, name }, { signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** A whole replace: the resourceVersion makes two claims at once impossible. */
export function writeLease(place: LeasePlace, lease: Lease, timeoutMs: number): Promise<Lease> {
  return place.client.replace(resources.leases, lease, { signal: AbortSignal.timeout(timeoutMs) });
}

export function viewLease({ metadata, spec }: Lease): LeaseView {
  return {
    holder: spec?.holderIdentity ?? '',
    renewTime: spec?.renewTime ?? '',
    durationSeconds: spec?.leaseDurationSeconds ?? 0,
    transitions: spec?.leaseTransitions ?? 0,
    electorate: parseNames(metadata?.annotations?.[leaseAnnotations.electorate]),
    finalLsn: finalLsnOf(metadata?.annotations?.[leaseAnnotations.finalLsn]),
    lastPrimary: metadata?.annotations?.[leaseAnnotations.lastPrimary] ?? '',
  };
}

/** What cannot be read counts as not said. */
export function finalLsnOf(text: string | undefined): bigint | undefined {
  return text !== undefined && isLsn(text) ? parseLsn(text) : undefined;
}

function parseNames(text: string | undefined): readonly string[] {
  try {
    const names: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

export interface Tenure {
  readonly holder: string;
  readonly timings: LeaseTimings;
  readonly electorate: readonly string[];
  /** Text of the place that a handover names; undefined = there is none, or it is over. */
  readonly finalLsn: string | undefined;
  /** The holder writes, or is about to be promoted; a claim alone leaves the last primary as it was. */
  readonly isPrimary: boolean;
}

/** The Lease as its holder writes it; a change of the holder is a new term. */
export function heldLease(lease: Lease, tenure: Tenure, now: number): Lease {
  const time = microTime(now);
  const taken = lease.spec?.holderIdentity !== tenure.holder;
  return {
    ...lease,
    metadata: { ...lease.metadata, annotations: annotated(lease, tenure) },
    spec: {
      ...lease.spec,
      holderIdentity: tenure.holder,
      leaseDurationSeconds: tenure.timings.durationSeconds,
      renewTime: time,
      leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + (taken ? 1 : 0),
      acquireTime: taken ? time : (lease.spec?.acquireTime ?? time),
    },
  };
}

/** The Lease without a holder: whoever is the target may take it at once. */
export function freeLease(lease: Lease, timings: LeaseTimings, finalLsn: string | undefined, now: number): Lease {
  const tenure = { holder: '', timings, electorate: [], finalLsn, isPrimary: false };
  return {
    ...lease,
    metadata: { ...lease.metadata, annotations: annotated(lease, tenure) },
    spec: {
      ...lease.spec,
      holderIdentity: '',
      leaseDurationSeconds: timings.releasedDurationSeconds,
      renewTime: microTime(now),
    },
  };
}

function annotated(lease: Lease, { holder, electorate, finalLsn, isPrimary }: Tenure): Record<string, string> {
  const {
    [leaseAnnotations.finalLsn]: _final,
    [leaseAnnotations.electorate]: _names,
    ...others
  } = lease.metadata?.annotations ?? {};
  return {
    ...others,
    ...(electorate.length === 0 ? {} : { [leaseAnnotations.electorate]: JSON.stringify(electorate) }),
    ...(finalLsn === undefined ? {} : { [leaseAnnotations.finalLsn]: finalLsn }),
    ...(isPrimary ? { [leaseAnnotations.lastPrimary]: holder } : {}),
  };
}
