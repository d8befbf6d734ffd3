import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, isConflict, isNotFound, microTime, resources } from '@matriarch/kubernetes';
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import { errorText, type Logger } from '../logger.ts';
import { decideLease, type LeaseTimings, type LeaseView, type Sighting } from './decide.ts';

export interface PrimaryLease {
  readonly held: boolean;
  /** Resolves to true as soon as the lease is ours, to false when it could not be had in `waitMs`. */
  acquire(timings: LeaseTimings, waitMs: number, signal: AbortSignal): Promise<boolean>;
  /** Gives the lease back, so that the next primary need not wait for its end. Does nothing when it is not ours. */
  release(): Promise<void>;
  /**
   * Gives back what an earlier run of this pod left behind. Only when its PostgreSQL is known to have ended, and before
   * this run has taken the lease itself.
   */
  releaseLeftover(): Promise<void>;
}

export interface LeaseOptions {
  readonly client: Client;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly logger: Logger;
  /** Another holder was seen while we took the lease for ours: PostgreSQL must stop accepting writes at once. */
  readonly onLost: (holder: string) => void;
}

/** While a promotion waits for the lease, each look costs one small GET. */
const claimPollMs = 200;
const requestTimeoutMs = 5000;

export function createPrimaryLease(options: LeaseOptions): PrimaryLease {
  const key = { namespace: options.namespace, name: options.name };
  let held = false;
  let fixed: LeaseTimings | undefined;
  let renewing: AbortController | undefined;
  let sighting: Sighting | undefined;

  const read = async (): Promise<Lease | undefined> => {
    try {
      return await options.client.get(resources.leases, key, { signal: AbortSignal.timeout(requestTimeoutMs) });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };

  /** One look at the lease and, if we may, one write. True = it is ours now. */
  const attempt = async (timings: LeaseTimings): Promise<boolean> => {
    const lease = await read();
    const view = lease === undefined ? undefined : toView(lease);
    const step = decideLease(options.identity, view, sighting, timings.durationSeconds, performance.now());
    sighting = step.kind === 'wait' ? step.sighting : undefined;
    if (lease === undefined || step.kind === 'wait' || step.kind === 'missing') {
      if (held && view !== undefined && view.holder !== '') {
        held = false;
        options.onLost(view.holder);
      }
      return false;
    }
    const transitions = step.kind === 'claim' ? step.transitions : (view?.transitions ?? 0);
    await write(options, lease, claimed(lease, options.identity, timings, transitions, step.kind === 'claim'));
    return true;
  };

  const renewLoop = async (timings: LeaseTimings, signal: AbortSignal) => {
    while (!signal.aborted) {
      await sleep(timings.retryPeriodSeconds * 1000, undefined, { signal }).catch(() => undefined);
      if (signal.aborted || !held) return;
      try {
        await attempt(timings);
      } catch (error) {
        // PostgreSQL goes on: only the sight of another holder says that we are not primary any more.
        options.logger.warn({ error: errorText(error) }, 'The primary lease could not be renewed');
      }
    }
  };

  const giveBack = async () => {
    const lease = await read();
    if (lease === undefined || lease.spec?.holderIdentity !== options.identity) return;
    const seconds = fixed?.releasedDurationSeconds ?? 1;
    const now = microTime(Date.now());
    await write(options, lease, { ...lease.spec, holderIdentity: '', leaseDurationSeconds: seconds, renewTime: now });
    options.logger.info({ lease: options.name }, 'The primary lease was given back');
  };

  return {
    get held() {
      return held;
    },
    async acquire(timings, waitMs, signal) {
      if (held) return true;
      fixed ??= timings;
      const end = performance.now() + waitMs;
      do {
        try {
          if (await attempt(fixed)) {
            held = true;
            options.logger.info({ lease: options.name }, 'The primary lease is ours');
            renewing = new AbortController();
            void renewLoop(fixed, renewing.signal);
            return true;
          }
        } catch (error) {
          if (!isConflict(error))
            options.logger.warn({ error: errorText(error) }, 'The primary lease could not be read or written');
        }
        await sleep(Math.min(claimPollMs, Math.max(1, waitMs)), undefined, { signal });
      } while (performance.now() < end);
      return false;
    },
    async release() {
      renewing?.abort();
      if (!held) return;
      held = false;
      await giveBack();
    },
    async releaseLeftover() {
      if (!held) await giveBack();
    },
  };
}

function toView(lease: Lease): LeaseView {
  return {
    holder: lease.spec?.holderIdentity ?? '',
    renewTime: lease.spec?.renewTime ?? '',
    durationSeconds: lease.spec?.leaseDurationSeconds ?? 0,
    transitions: lease.spec?.leaseTransitions ?? 0,
  };
}

function claimed(
  lease: Lease,
  identity: string,
  timings: LeaseTimings,
  transitions: number,
  taken: boolean,
): NonNullable<Lease['spec']> {
  const now = microTime(Date.now());
  return {
    ...lease.spec,
    holderIdentity: identity,
    leaseDurationSeconds: timings.durationSeconds,
    renewTime: now,
    leaseTransitions: transitions,
    acquireTime: taken ? now : (lease.spec?.acquireTime ?? now),
  };
}

/** A whole replace: the resourceVersion makes two claims at once impossible. */
async function write(options: LeaseOptions, lease: Lease, spec: NonNullable<Lease['spec']>): Promise<void> {
  await options.client.replace(resources.leases, { ...lease, spec }, { signal: AbortSignal.timeout(requestTimeoutMs) });
}
