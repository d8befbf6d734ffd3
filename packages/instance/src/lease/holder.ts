import { setTimeout as sleep } from 'node:timers/promises';
import { isConflict } from '@matriarch/kubernetes';
import { formatLsn } from '@matriarch/postgres';
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import { errorText, type Logger } from '../logger.ts';
import { judgeLease, type LeaseState, type LeaseTimings, type LeaseView, type Sighting } from './decide.ts';
import { freeLease, heldLease, type LeasePlace, readLease, viewLease, writeLease } from './object.ts';

/** One look at the Lease of others. */
export interface LeaseLook {
  readonly view: LeaseView | undefined;
  readonly state: LeaseState;
}

export interface PrimaryLease {
  /** Claimed or renewed by this process, and no other holder seen since. */
  readonly held: boolean;
  /** `leaseTransitions` of our claim. */
  readonly term: number;
  /** When the last acknowledged renewal was sent (performance.now()). */
  readonly renewedAtMs: number | undefined;
  /** Every electorate that the Lease may name: the acknowledged one first, then those whose answer is missing. */
  readonly electorates: readonly (readonly string[])[];
  /** Place that the last holder left for its successor, as of the last look or claim. */
  readonly finalLsn: bigint | undefined;
  /** Reads the Lease; undefined = the API server does not answer. Looking often makes the sighting of a holder longer. */
  look(timings: LeaseTimings): Promise<LeaseLook | undefined>;
  /** Takes the Lease in exactly the version that was looked at last; false = somebody was faster. */
  claim(timings: LeaseTimings, electorate: () => readonly string[]): Promise<boolean>;
  /**
   * Writes down that this instance is the primary from now on: what was handed over to it is history, and so are the
   * data of earlier primaries. Before the promotion, and before the start of a primary. Rejects when it was not written.
   */
  settle(): Promise<void>;
  /** The instance that last was the primary, as of the last look or claim. */
  readonly lastPrimary: string;
  /** It was to be given back, and the API server did not answer. */
  readonly owed: boolean;
  /** Gives the Lease back. Only when PostgreSQL has ended for good; `finalLsn` after a clean shutdown of a primary. */
  release(finalLsn: bigint | undefined): Promise<void>;
  /** Gives back what an earlier process of this pod left behind, before this one has taken the Lease itself. */
  releaseLeftover(finalLsn: bigint | undefined): Promise<void>;
  /** Ends the renewals, for a program that goes on with them in this process; undefined when the Lease is not held. */
  suspend(): Promise<LeaseHandover | undefined>;
  /** Goes on with the renewals of the program that was before us in this process: the same term, and its time counts. */
  resume(handover: LeaseHandover, electorate: () => readonly string[]): void;
}

/** The Lease as one program of this process leaves it to the next; plain data. */
export interface LeaseHandover {
  readonly timings: LeaseTimings;
  readonly lease: Lease;
  /** Nanoseconds of the machine's monotonic clock. */
  readonly renewedAt: string;
  readonly electorates: readonly (readonly string[])[];
  readonly isPrimary: boolean;
}

export interface LeaseOptions extends LeasePlace {
  readonly identity: string;
  readonly logger: Logger;
  /** Another holder was seen while we took the Lease for ours: PostgreSQL must stop accepting writes at once. */
  readonly onLost: (holder: string) => void;
}

const requestTimeoutMs = 5000;

/** The next program must be there long before the right to write ends. */
const suspendMs = 1000;

/** A renewal that takes longer than the next one is due in is given up; what it did is found out by the next. */
const renewalTimeoutMs = (timings: LeaseTimings) => Math.min(requestTimeoutMs, timings.retryPeriodSeconds * 1000);

interface Held {
  readonly timings: LeaseTimings;
  readonly electorate: () => readonly string[];
  readonly stop: AbortController;
  lease: Lease;
  renewedAtMs: number;
  electorates: (readonly string[])[];
  turn: Promise<void>;
  isPrimary: boolean;
}

export function createPrimaryLease(options: LeaseOptions): PrimaryLease {
  const { logger, identity } = options;
  let held: Held | undefined;
  let sighting: Sighting | undefined;
  let seen: Lease | undefined;
  let owed: { readonly timings: LeaseTimings; readonly finalLsn: bigint | undefined } | undefined;

  const finalText = (lease: Lease, keep: boolean) => {
    const lsn = keep ? viewLease(lease).finalLsn : undefined;
    return lsn === undefined ? undefined : formatLsn(lsn);
  };

  const lose = (holder: string) => {
    held?.stop.abort();
    held = undefined;
    options.onLost(holder);
  };

  /** Writes one renewal. Whatever was sent may have been applied, so its electorate counts from the moment of sending. */
  const renew = async (tenure: Held): Promise<void> => {
    const names = tenure.electorate();
    const sentAt = performance.now();
    if (!tenure.electorates.some((known) => sameNames(known, names))) tenure.electorates.push(names);
    const { timings, isPrimary, lease } = tenure;
    const next = { holder: identity, timings, electorate: names, finalLsn: finalText(lease, !isPrimary), isPrimary };
    tenure.lease = await writeLease(options, heldLease(lease, next, Date.now()), renewalTimeoutMs(timings));
    tenure.renewedAtMs = sentAt;
    tenure.electorates = [names];
  };

  /** A conflict says that the Lease is not as we knew it: by a renewal of ours whose answer was lost, or by another holder. */
  const afterConflict = async (tenure: Held): Promise<void> => {
    const lease = await readLease(options, renewalTimeoutMs(tenure.timings));
    const holder = lease?.spec?.holderIdentity ?? '';
    if (lease === undefined || held !== tenure) return;
    if (holder !== identity) return lose(holder === '' ? 'nobody' : holder);
    tenure.lease = lease;
    await renew(tenure);
  };

  /** One renewal at a time: two would conflict with each other. */
  const renewNow = (tenure: Held): Promise<void> => {
    tenure.turn = tenure.turn
      .catch(() => undefined)
      .then(() => renew(tenure))
      .catch((error: unknown) => {
        if (isConflict(error)) return afterConflict(tenure);
        throw error;
      });
    return tenure.turn;
  };

  const renewLoop = async (tenure: Held) => {
    const { signal } = tenure.stop;
    while (!signal.aborted) {
      await pause(tenure.timings.retryPeriodSeconds * 1000, signal);
      if (signal.aborted) return;
      try {
        await renewNow(tenure);
      } catch (error) {
        logger.warn({ error: errorText(error) }, 'The primary lease could not be renewed');
      }
    }
  };

  /** Somebody waits for it: a Lease that we know is written without reading it again, unless it has changed since. */
  const giveBack = async (timings: LeaseTimings, finalLsn: bigint | undefined, known?: Lease): Promise<void> => {
    const lease = known ?? (await readLease(options, requestTimeoutMs));
    if (lease === undefined || lease.spec?.holderIdentity !== identity) return;
    // A standby that gives back what it had claimed says no more than the last primary said.
    const text = finalLsn === undefined ? undefined : formatLsn(finalLsn);
    try {
      await writeLease(options, freeLease(lease, timings, text, Date.now()), requestTimeoutMs);
    } catch (error) {
      if (known === undefined || !isConflict(error)) throw error;
      return giveBack(timings, finalLsn);
    }
    logger.info({ lease: options.name, finalLsn: text }, 'The primary lease was given back');
  };

  return {
    get held() {
      return held !== undefined;
    },
    get term() {
      return held?.lease.spec?.leaseTransitions ?? 0;
    },
    get renewedAtMs() {
      return held?.renewedAtMs;
    },
    get electorates() {
      return held?.electorates ?? [];
    },
    get finalLsn() {
      const lease = held?.lease ?? seen;
      return lease === undefined ? undefined : viewLease(lease).finalLsn;
    },
    async look(timings) {
      try {
        seen = await readLease(options, requestTimeoutMs);
      } catch (error) {
        logger.warn({ error: errorText(error) }, 'The primary lease could not be read');
        return undefined;
      }
      const view = seen === undefined ? undefined : viewLease(seen);
      const state = judgeLease(identity, view, sighting, timings.durationSeconds * 1000, performance.now());
      sighting = state.kind === 'theirs' ? state.sighting : undefined;
      return { view, state };
    },
    async claim(timings, electorate) {
      if (seen === undefined) return false;
      const names = electorate();
      const sentAt = performance.now();
      const tenure = {
        holder: identity,
        timings,
        electorate: names,
        finalLsn: finalText(seen, true),
        isPrimary: false,
      };
      try {
        const lease = await writeLease(options, heldLease(seen, tenure, Date.now()), requestTimeoutMs);
        held = {
          timings,
          electorate,
          stop: new AbortController(),
          lease,
          renewedAtMs: sentAt,
          electorates: [names],
          turn: Promise.resolve(),
          isPrimary: false,
        };
        owed = undefined;
      } catch (error) {
        logger.warn({ error: errorText(error) }, 'The primary lease could not be claimed');
        return false;
      }
      logger.info({ lease: options.name, term: held.lease.spec?.leaseTransitions }, 'The primary lease is ours');
      void renewLoop(held);
      return true;
    },
    async settle() {
      const tenure = held;
      if (tenure === undefined) throw new Error('the primary lease is not held');
      if (tenure.isPrimary) return;
      tenure.isPrimary = true;
      try {
        await renewNow(tenure);
      } catch (error) {
        tenure.isPrimary = false;
        throw error;
      }
      if (held !== tenure) throw new Error('the primary lease was lost');
    },
    get lastPrimary() {
      const lease = held?.lease ?? seen;
      return lease === undefined ? '' : viewLease(lease).lastPrimary;
    },
    get owed() {
      return owed !== undefined;
    },
    async release(finalLsn) {
      const known = held?.lease;
      if (held !== undefined) {
        const kept = held.isPrimary ? undefined : viewLease(held.lease).finalLsn;
        owed = { timings: held.timings, finalLsn: finalLsn ?? kept };
        held.stop.abort();
        held = undefined;
        seen = undefined;
      }
      if (owed === undefined) return;
      await giveBack(owed.timings, owed.finalLsn, known);
      owed = undefined;
    },
    async releaseLeftover(finalLsn) {
      if (held === undefined) await giveBack(releasedTimings, finalLsn);
    },
    async suspend() {
      const tenure = held;
      if (tenure === undefined) return undefined;
      tenure.stop.abort();
      // A renewal without an answer may have been applied: its electorate is among those that are handed over.
      await Promise.race([tenure.turn.catch(() => undefined), sleep(suspendMs, undefined, { ref: false })]);
      if (held !== tenure) return undefined;
      const { timings, lease, electorates, isPrimary } = tenure;
      return { timings, lease, renewedAt: toMachineClock(tenure.renewedAtMs), electorates, isPrimary };
    },
    resume({ timings, lease, renewedAt, electorates, isPrimary }, electorate) {
      held = {
        timings,
        electorate,
        stop: new AbortController(),
        lease,
        renewedAtMs: fromMachineClock(renewedAt),
        electorates: [...electorates],
        turn: Promise.resolve(),
        isPrimary,
      };
      renewNow(held).catch((error: unknown) => {
        logger.warn({ error: errorText(error) }, 'The primary lease could not be renewed');
      });
      void renewLoop(held);
    },
  };
}

/** performance.now() begins anew with each program; the clock under it is the machine's. */
function toMachineClock(atMs: number): string {
  return String(process.hrtime.bigint() - BigInt(Math.round((performance.now() - atMs) * 1e6)));
}

function fromMachineClock(at: string): number {
  return performance.now() - Number(process.hrtime.bigint() - BigInt(at)) / 1e6;
}

/** Only how long a Lease without a holder is said to last; nobody waits for it. */
const releasedTimings: LeaseTimings = {
  durationSeconds: 1,
  renewDeadlineSeconds: 1,
  retryPeriodSeconds: 1,
  releasedDurationSeconds: 1,
};

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
