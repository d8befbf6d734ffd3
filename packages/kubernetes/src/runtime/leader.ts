import type { Lease, LeaseSpec } from 'kubernetes-types/coordination/v1.d.ts';
import type { Client } from '../client/client.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../errors.ts';
import { resources } from '../resources.ts';
import { sleep } from './time.ts';

export interface LeaderOptions {
  name: string;
  namespace: string;
  /** Unique to this run of the program, beginning with the pod name and `_`. */
  identity: string;
  leaseDurationMs?: number;
  renewDeadlineMs?: number;
  retryPeriodMs?: number;
  /** Runs while we lead; its signal fires when we no longer do. */
  lead: (signal: AbortSignal) => Promise<void>;
  onError?: (error: unknown) => void;
  now?: () => number;
}

interface Observed {
  holder: string;
  renewTime: string;
  /** Our own clock when this pair was first seen: clocks of different machines are never compared. */
  seenAt: number;
}

/**
 * Waits for the Lease, leads, and gives the Lease back when the signal fires. Resolves when leading has ended: by the
 * signal, or because the Lease could not be renewed in time. An earlier run of our own pod counts as dead, since a pod
 * runs a container once: its Lease is taken over at once.
 */
export async function electLeader(client: Client, options: LeaderOptions, signal: AbortSignal): Promise<void> {
  const { leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2_000, now = Date.now } = options;
  const key = { name: options.name, namespace: options.namespace };
  let observed: Observed | undefined;

  const spec = (previous: LeaseSpec | undefined): LeaseSpec => {
    const time = microTime(now());
    const ours = previous?.holderIdentity === options.identity;
    return {
      holderIdentity: options.identity,
      leaseDurationSeconds: Math.round(leaseDurationMs / 1000),
      acquireTime: (ours && previous?.acquireTime) || time,
      renewTime: time,
      leaseTransitions: (previous?.leaseTransitions ?? 0) + (ours || !previous?.holderIdentity ? 0 : 1),
    };
  };

  const mayTake = (lease: Lease): boolean => {
    const holder = lease.spec?.holderIdentity ?? '';
    if (holder === '' || holder === options.identity || samePod(holder, options.identity)) return true;
    const renewTime = lease.spec?.renewTime ?? '';
    if (observed?.holder !== holder || observed.renewTime !== renewTime)
      observed = { holder, renewTime, seenAt: now() };
    return now() - observed.seenAt > (lease.spec?.leaseDurationSeconds ?? leaseDurationMs / 1000) * 1000;
  };

  /** One attempt to take or renew; true when the Lease is ours. */
  async function tryHold(until: AbortSignal): Promise<boolean> {
    try {
      const lease = await client.get(resources.leases, key, { signal: until });
      if (!mayTake(lease)) return false;
      await client.replace(resources.leases, { ...lease, spec: spec(lease.spec) }, { signal: until });
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      if (!isNotFound(error)) throw error;
    }
    try {
      await client.create(resources.leases, { metadata: key, spec: spec(undefined) }, { signal: until });
      return true;
    } catch (error) {
      if (isAlreadyExists(error)) return false;
      throw error;
    }
  }

  async function attempt(until: AbortSignal): Promise<boolean> {
    try {
      return await tryHold(AbortSignal.any([until, AbortSignal.timeout(renewDeadlineMs)]));
    } catch (error) {
      if (!until.aborted) options.onError?.(error);
      return false;
    }
  }

  async function renew(lost: AbortController): Promise<void> {
    let renewedAt = now();
    while (!lost.signal.aborted && !signal.aborted) {
      await sleep(retryPeriodMs, AbortSignal.any([signal, lost.signal]));
      if (signal.aborted || lost.signal.aborted) return;
      if (await attempt(lost.signal)) renewedAt = now();
      else if (now() - renewedAt > renewDeadlineMs)
        lost.abort(new Error(`the Lease ${options.name} could not be renewed`));
    }
  }

  while (!(await attempt(signal))) {
    if (signal.aborted) return;
    await sleep(retryPeriodMs, signal);
    if (signal.aborted) return;
  }
  const lost = new AbortController();
  const renewing = renew(lost);
  try {
    await options.lead(AbortSignal.any([signal, lost.signal]));
  } finally {
    const wasLost = lost.signal.aborted;
    lost.abort();
    await renewing;
    if (!wasLost) await release(client, key, options);
  }
}

async function release(
  client: Client,
  key: { name: string; namespace: string },
  options: LeaderOptions,
): Promise<void> {
  try {
    const lease = await client.get(resources.leases, key);
    if (lease.spec?.holderIdentity !== options.identity) return;
    const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 };
    await client.replace(resources.leases, { ...lease, spec });
  } catch (error) {
    options.onError?.(error);
  }
}

function samePod(holder: string, identity: string): boolean {
  const pod = (text: string) => text.slice(0, Math.max(0, text.lastIndexOf('_')));
  return pod(holder) !== '' && pod(holder) === pod(identity);
}

/** A time as Kubernetes' MicroTime: six digits after the second. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
