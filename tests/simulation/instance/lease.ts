/** The primary Lease as a manager holds, renews, claims and gives it back (packages/instance/src/lease/holder.ts). */
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import type { LeaseState, LeaseTimings, LeaseView } from '../../../packages/instance/src/lease/decide.ts';
import { freeLease, heldLease, viewLease } from '../../../packages/instance/src/lease/object.ts';
import { leaseTimings } from '../../../packages/instance/src/reconcile/timings.ts';
import { afterLocal } from '../engine/machine.ts';
import { note } from '../engine/simulation.ts';
import { isRefused, type Result, request } from '../kubernetes/api.ts';
import { read, replace } from '../kubernetes/store.ts';
import { lsnText } from '../postgres/wal.ts';
import { clusterName, type World, wallClock } from '../world.ts';
import { wakeGuard } from './guard.ts';
import { clusterOf, type Held, loseLease, type Manager, nowOf } from './manager.ts';

const requestTimeoutMs = 5000;

const renewalTimeoutMs = ({ retryPeriodSeconds }: LeaseTimings): number =>
  Math.min(requestTimeoutMs, retryPeriodSeconds * 1000);

function readLease(world: World, manager: Manager, timeoutMs: number, done: (result: Result) => void): void {
  const apply = () => {
    return { object: read<Lease>(world.api.store, 'leases', clusterName) };
  };
  request(world, manager.client, timeoutMs, apply, done);
}

function writeLease(world: World, manager: Manager, lease: Lease, timeoutMs: number, done: (r: Result) => void): void {
  request(world, manager.client, timeoutMs, (store) => replace(store, 'leases', lease), done);
}

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name));

/** All instances of the Cluster, this one among them. */
export function electorateOf(manager: Manager): readonly string[] {
  const names = clusterOf(manager)?.status?.instanceNames ?? [];
  return names.includes(manager.name) ? names : [...names, manager.name];
}

function finalText(lease: Lease, keep: boolean): string | undefined {
  const lsn = keep ? viewLease(lease).finalLsn : undefined;
  return lsn === undefined ? undefined : lsnText(Number(lsn));
}

export interface Look {
  readonly view: LeaseView | undefined;
  readonly state: LeaseState;
}

/** Reads the Lease and judges it; undefined = the API server does not answer. */
export function look(world: World, manager: Manager, done: (look: Look | undefined) => void) {
  const cluster = clusterOf(manager);
  if (cluster === undefined) return done(undefined);
  const timings = leaseTimings(cluster);
  readLease(world, manager, requestTimeoutMs, (result) => {
    if (isRefused(result)) return done(undefined);
    manager.seen = result.object as Lease | undefined;
    const view = manager.seen === undefined ? undefined : viewLease(manager.seen);
    const durationMs = timings.durationSeconds * 1000;
    const now = nowOf(world, manager);
    const state = world.decisions.judgeLease(manager.name, view, manager.sighting, durationMs, now);
    manager.sighting = state.kind === 'theirs' ? state.sighting : undefined;
    done({ view, state });
  });
}

/** Takes the Lease in exactly the version that was looked at last. */
export function claim(world: World, manager: Manager, done: (claimed: boolean) => void) {
  const cluster = clusterOf(manager);
  const { seen } = manager;
  if (seen === undefined || cluster === undefined) return done(false);
  const timings = leaseTimings(cluster);
  const electorate = electorateOf(manager);
  const sentAt = nowOf(world, manager);
  const finalLsn = finalText(seen, true);
  const tenure = { holder: manager.name, timings, electorate, finalLsn, isPrimary: false };
  writeLease(world, manager, heldLease(seen, tenure, wallClock(world)), requestTimeoutMs, (result) => {
    if (isRefused(result)) return done(false);
    const lease = result.object as Lease;
    const held: Held = {
      ...{ timings, lease, renewedAtMs: sentAt, electorates: [electorate], isPrimary: false },
      ...{ renewing: false, waiting: [] },
    };
    manager.held = held;
    manager.owed = undefined;
    note(world.sim, manager.actor.name, () => `holds the Lease in term ${termOf(manager)}`);
    renewLater(world, manager, held);
    wakeGuard(world, manager);
    done(true);
  });
}

export const termOf = ({ held }: Manager): number => held?.lease.spec?.leaseTransitions ?? 0;

function renewLater(world: World, manager: Manager, held: Held): void {
  afterLocal(world.sim, manager.machine, manager.actor, held.timings.retryPeriodSeconds * 1000, () => {
    if (manager.held !== held) return;
    renewNow(world, manager, held, () => renewLater(world, manager, held));
  });
}

/** One renewal at a time: two would conflict with each other. */
function renewNow(world: World, manager: Manager, held: Held, done: (renewed: boolean) => void): void {
  if (manager.held !== held) return;
  if (held.renewing) {
    held.waiting.push(() => renewNow(world, manager, held, done));
    return;
  }
  held.renewing = true;
  const finish = (result: Result | undefined) => {
    held.renewing = false;
    done(result !== undefined && !isRefused(result));
    held.waiting.shift()?.();
  };
  renew(world, manager, held, (result) => {
    if (isRefused(result) && result.refusal === 'conflict') afterConflict(world, manager, held, finish);
    else finish(result);
  });
}

function renew(world: World, manager: Manager, held: Held, done: (result: Result) => void): void {
  const electorate = electorateOf(manager);
  const sentAt = nowOf(world, manager);
  if (!held.electorates.some((known) => sameNames(known, electorate))) held.electorates.push(electorate);
  const { isPrimary, timings } = held;
  const finalLsn = finalText(held.lease, !isPrimary);
  const tenure = { holder: manager.name, timings, electorate, finalLsn, isPrimary };
  const next = heldLease(held.lease, tenure, wallClock(world));
  writeLease(world, manager, next, renewalTimeoutMs(held.timings), (result) => {
    if (manager.held === held && !isRefused(result)) {
      held.lease = result.object as Lease;
      held.renewedAtMs = sentAt;
      held.electorates = [electorate];
      wakeGuard(world, manager);
    }
    done(result);
  });
}

/** A renewal of ours whose answer was lost, or another holder. */
function afterConflict(world: World, manager: Manager, held: Held, done: (result: Result | undefined) => void): void {
  readLease(world, manager, renewalTimeoutMs(held.timings), (result) => {
    if (manager.held !== held) return;
    const lease = isRefused(result) ? undefined : (result.object as Lease | undefined);
    if (lease === undefined) return done(undefined);
    const holder = lease.spec?.holderIdentity ?? '';
    if (holder !== manager.name) {
      manager.held = undefined;
      return loseLease(world, manager, holder === '' ? 'nobody' : holder);
    }
    held.lease = lease;
    renew(world, manager, held, done);
  });
}

function giveBack(
  world: World,
  manager: Manager,
  timings: LeaseTimings,
  finalLsn: number | undefined,
  done: (given: boolean) => void,
): void {
  readLease(world, manager, requestTimeoutMs, (result) => {
    if (isRefused(result)) return done(false);
    const lease = result.object as Lease | undefined;
    if (lease === undefined || lease.spec?.holderIdentity !== manager.name) return done(true);
    const text = finalLsn === undefined ? undefined : lsnText(finalLsn);
    writeLease(world, manager, freeLease(lease, timings, text, wallClock(world)), requestTimeoutMs, (written) => {
      note(world.sim, manager.actor.name, () => `gives the Lease back${text ? ` with ${text}` : ''}`);
      done(!isRefused(written));
    });
  });
}

/** Gives the Lease back. Only when PostgreSQL has ended for good, or is a standby's. */
export function releaseLease(world: World, manager: Manager, finalLsn: number | undefined, done: () => void) {
  const { held } = manager;
  if (held !== undefined) {
    const kept = held.isPrimary ? undefined : viewLease(held.lease).finalLsn;
    manager.owed = { timings: held.timings, finalLsn: finalLsn ?? (kept === undefined ? undefined : Number(kept)) };
    manager.held = undefined;
    manager.seen = undefined;
  }
  const { owed } = manager;
  if (owed === undefined) return done();
  giveBack(world, manager, owed.timings, owed.finalLsn, (given) => {
    if (given && manager.owed === owed) manager.owed = undefined;
    done();
  });
}

export function releaseLeftover(world: World, manager: Manager, finalLsn: number | undefined, done: () => void) {
  const cluster = clusterOf(manager);
  if (manager.held !== undefined || cluster === undefined) return done();
  giveBack(world, manager, leaseTimings(cluster), finalLsn, () => done());
}

/** Says on the Lease that its holder is about to write: what was handed over to it is history. */
export function settleLease(world: World, manager: Manager, done: (settled: boolean) => void) {
  const { held } = manager;
  if (held === undefined) return done(false);
  if (held.isPrimary) return done(true);
  held.isPrimary = true;
  renewNow(world, manager, held, (renewed) => {
    if (!renewed) held.isPrimary = false;
    done(renewed && manager.held === held);
  });
}

/** A primary that has held the Lease for a while. */
export function holdFromStart(world: World, manager: Manager): void {
  const lease = read<Lease>(world.api.store, 'leases', clusterName);
  if (lease === undefined) throw new Error('there is no Lease');
  const held: Held = {
    timings: leaseTimings(world.base.cluster),
    lease,
    renewedAtMs: nowOf(world, manager),
    electorates: [viewLease(lease).electorate],
    ...{ isPrimary: true, renewing: false, waiting: [] },
  };
  manager.held = held;
  renewLater(world, manager, held);
  wakeGuard(world, manager);
}
