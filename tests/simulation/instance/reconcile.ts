/** The loop of a manager: observe, decide with the real function, act (packages/instance/src/primary, reconcile). */
import type { Cluster } from '@matriarch/api';
import { peersOf } from '../../../packages/instance/src/authority/peers.ts';
import type { Claim } from '../../../packages/instance/src/lease/decide.ts';
import { viewLease } from '../../../packages/instance/src/lease/object.ts';
import type { InstanceStep, InstanceView, StopCause } from '../../../packages/instance/src/primary/decide.ts';
import { clusterView } from '../../../packages/instance/src/primary/observe.ts';
import { after, note } from '../engine/simulation.ts';
import { kill, promote, type Server, stopFast } from '../postgres/server.ts';
import type { World } from '../world.ts';
import { applyConfiguration, launch } from './configuration.ts';
import { authorityOf, wakeGuard } from './guard.ts';
import { claim, look, releaseLease, settleLease, termOf } from './lease.ts';
import { clusterOf, finalLsnOf, type Manager, nowOf } from './manager.ts';
import { askPeer } from './peers.ts';
import { rejoin } from './rejoin.ts';
import { isLongUnresponsive, notifyFeed } from './report.ts';
import { announce } from './status.ts';
import { cutReceiver, openReceiver } from './streaming.ts';

/** The real one looks more often: what it sees meanwhile is the same. */
const targetWaitMs = 250;
const otherWaitMs = 1000;
/** A pass that failed is tried again so soon. */
const failedMs = 200;
const stepsPerPass = 20;

type Done = (requeueMs: number | undefined) => void;

/** One pass, step by step, each decided on a fresh look. */
export function pass(world: World, manager: Manager, count: number, done: Done) {
  const cluster = clusterOf(manager);
  if (cluster === undefined || manager.ending) return done(undefined);
  if (count >= stepsPerPass) return done(0);
  observe(world, manager, cluster, (view) => {
    if (manager.ending) return done(undefined);
    manager.state.fenced = view.cluster.fenced;
    const step = world.decisions.decideInstance(view);
    trace(world, manager, step);
    world.checks.decided(world, manager, step);
    act(world, manager, cluster, view, step, (outcome) => {
      if (outcome === 'again') pass(world, manager, count + 1, done);
      else done(outcome);
    });
  });
}

function trace(world: World, manager: Manager, step: InstanceStep): void {
  if (world.sim.trace === undefined) return;
  const text = Object.values(step).join(' ');
  if (text === manager.lastStep) return;
  manager.lastStep = text;
  note(world.sim, manager.actor.name, () => `decides: ${text}`);
}

function observe(world: World, manager: Manager, cluster: Cluster, done: (view: InstanceView) => void): void {
  const { server, disk, name } = manager;
  const view = clusterView(cluster, name);
  const running = server?.state === 'running';
  claimOf(world, manager, view, (claimed) => {
    const isTarget = view.targetPrimary === name;
    done({
      podName: name,
      nowMs: nowOf(world, manager),
      cluster: view,
      data: disk.standby ? 'standby' : 'primary',
      server: server === undefined || server.state === 'ended' ? 'down' : server.state,
      lease: {
        held: manager.held !== undefined || (!isTarget && manager.owed !== undefined),
        claim: claimed,
        ...leaseKnowledge(manager, cluster),
      },
      authority: authorityOf(world, manager),
      receiver: { connected: !manager.receiverCut, active: running && server.receiver !== undefined },
      replayedLsn: running ? BigInt(disk.written) : undefined,
      diverged: manager.state.diverged,
    });
  });
}

/** What the Lease tells beside its holder, as of the last look or write. */
type Written = Omit<InstanceView['lease'], 'held' | 'claim'>;

function leaseKnowledge(manager: Manager, cluster: Cluster): Written {
  const lease = manager.held?.lease ?? manager.seen;
  if (lease === undefined) return { finalLsn: undefined, successor: undefined, silent: true, settled: false };
  const { finalLsn, lastPrimary } = viewLease(lease);
  const exists = (cluster.status?.instanceNames ?? []).includes(lastPrimary);
  const successor = lastPrimary !== manager.name && exists ? lastPrimary : undefined;
  return { finalLsn, successor, silent: lastPrimary === '', settled: lastPrimary === manager.name };
}

function claimOf(world: World, manager: Manager, view: InstanceView['cluster'], done: (claim: Claim) => void) {
  const asked = view.targetPrimary === manager.name && manager.held === undefined && !view.fenced;
  if (!asked) return done({ kind: 'wait', reason: 'the primary lease is not wanted' });
  look(world, manager, (seen) => {
    if (seen === undefined) return done({ kind: 'wait', reason: 'the API server does not answer' });
    const instanceNames = clusterOf(manager)?.status?.instanceNames ?? [];
    const known = { self: manager.name, lease: seen.view, state: seen.state, instanceNames };
    done(world.decisions.decideClaim({ ...known, withdrawals: manager.withdrawals }, nowOf(world, manager)));
  });
}

function act(world: World, manager: Manager, cluster: Cluster, view: InstanceView, step: InstanceStep, done: Then) {
  switch (step.kind) {
    case 'wait':
      return done(view.cluster.targetPrimary === view.podName ? targetWaitMs : otherWaitMs);
    case 'stop':
      return stop(world, manager, step.cause, () => {
        if (step.cause === 'diverged') {
          manager.disk.standby = false;
          manager.state.diverged = false;
        }
        done('again');
      });
    case 'release':
      return releaseLease(world, manager, finalLsnOf(manager), () => done(manager.owed ? 1000 : 'again'));
    case 'acquire':
      return claim(world, manager, (claimed) => {
        manager.withdrawals = new Map();
        done(claimed ? 'again' : targetWaitMs);
      });
    case 'collect':
      return collect(world, manager, cluster, step.term, step.from, () => done(targetWaitMs));
    case 'start':
      return start(world, manager, cluster, view, done);
    case 'cut':
      return cutReceiver(world, manager, () => done('again'));
    case 'connect':
      return openReceiver(world, manager, () => done('again'));
    case 'promote':
      return promoteNow(world, manager, done);
    case 'announce':
      return announce(world, manager, (written) => done(written ? 'again' : 500));
    case 'rejoin':
      return rejoin(world, manager, cluster, (rejoined) => done(rejoined ? 'again' : 300));
    case 'markStandby':
      manager.disk.standby = true;
      return done('again');
    case 'run':
      return run(world, manager, cluster, view, done);
  }
}

type Then = (outcome: number | undefined | 'again') => void;

function start(world: World, manager: Manager, cluster: Cluster, view: InstanceView, done: Then) {
  const go = () => {
    if (manager.ending) return done(undefined);
    // Data that are not whole are no primary's.
    if (view.data === 'primary' && manager.disk.torn) return done(failedMs);
    launch(world, manager, cluster);
    done('again');
  };
  if (view.data !== 'primary' || manager.held === undefined) return go();
  settleLease(world, manager, (settled) => (settled ? go() : done(failedMs)));
}

/** Stops PostgreSQL as gently as the cause allows. */
function stop(world: World, manager: Manager, cause: StopCause, done: () => void) {
  const { server } = manager;
  if (server === undefined || server.state === 'ended') return done();
  manager.stopping = true;
  note(world.sim, manager.actor.name, () => `stops PostgreSQL: ${cause}`);
  const gentle = cause !== 'isolated' && cause !== 'lost-lease' && !isLongUnresponsive(world, manager);
  if (gentle) stopFast(world, server);
  else kill(world, server, cause);
  const end = world.sim.now + (gentle ? world.scenario.switchoverDelayMs : 0);
  let frozenSince: number | undefined;
  const wait = () => {
    if (server.state === 'killed' || server.state === 'ended') {
      if (server.state === 'ended') manager.server = undefined;
      manager.stopping = server.state === 'killed';
      manager.receiverCut = false;
      return done();
    }
    frozenSince = server.actor.frozen > 0 ? (frozenSince ?? world.sim.now) : undefined;
    const stuck = frozenSince !== undefined && world.sim.now - frozenSince > 3000;
    const late = world.sim.now >= end || stuck || isLongUnresponsive(world, manager);
    if (late && server.actor.alive) kill(world, server, `it does not stop (${cause})`);
    after(world.sim, manager.actor, server.actor.frozen > 0 || manager.disk.hung > 0 ? 500 : 20, wait);
  };
  wait();
}

/** Asks instances, ourselves among them, to support the old primary no longer. */
function collect(
  world: World,
  manager: Manager,
  cluster: Cluster,
  term: number,
  from: readonly string[],
  done: () => void,
) {
  const keep = (name: string, remainingMs: number) => {
    const endsAtMs = nowOf(world, manager) + remainingMs;
    manager.withdrawals.set(name, { term, endsAtMs });
    note(
      world.sim,
      manager.actor.name,
      () => `${name} withdraws from term ${term}, ends in ${remainingMs.toFixed()} ms`,
    );
  };
  const asked = peersOf(cluster, manager.name).filter(({ name }) => from.includes(name));
  let left = asked.length;
  if (from.includes(manager.name)) keep(manager.name, withdrawFrom(world, manager, term));
  if (left === 0) return done();
  for (const { name, address } of asked) {
    askPeer(
      world,
      manager,
      address,
      (voter) => withdrawFrom(world, voter, term),
      (remainingMs) => {
        if (remainingMs !== undefined) keep(name, remainingMs);
        left -= 1;
        if (left === 0) done();
      },
    );
  }
}

function withdrawFrom(world: World, voter: Manager, term: number): number {
  const { state, remainingMs } = world.decisions.withdraw(voter.voter, term, nowOf(world, voter));
  voter.voter = state;
  return remainingMs;
}

function promoteNow(world: World, manager: Manager, done: Then) {
  const { server } = manager;
  if (server === undefined || server.state !== 'running') return done(100);
  settleLease(world, manager, (settled) => {
    if (!settled || manager.ending) return done(failedMs);
    manager.writing = true;
    wakeGuard(world, manager);
    promote(world, server, termOf(manager), () => undefined);
    awaitPromotion(world, manager, server, done);
  });
}

function awaitPromotion(world: World, manager: Manager, server: Server, done: Then): void {
  const wait = () => {
    if (server.primary) {
      manager.receiverCut = false;
      return announce(world, manager, (written) => done(written ? 'again' : 500));
    }
    if (server.state !== 'running' || manager.server !== server) return done(100);
    after(world.sim, manager.actor, 15, wait);
  };
  wait();
}

/** The work of an instance that is who it should be. */
function run(
  world: World,
  manager: Manager,
  cluster: Cluster,
  view: InstanceView,
  done: (outcome: number | undefined) => void,
) {
  if (manager.server?.state !== 'running') return done(undefined);
  const { targetPrimary, currentPrimary } = view.cluster;
  const promised = view.data === 'standby' && targetPrimary === 'pending' && manager.receiverCut;
  if (promised && view.receiver.active) return done(20);
  const seen = promised ? cluster.status?.targetPrimaryTimestamp : undefined;
  if (manager.state.targetSeen !== seen) {
    manager.state.targetSeen = seen;
    notifyFeed(world, manager);
  }
  if (targetPrimary !== currentPrimary && view.data === 'standby') return done(undefined);
  applyConfiguration(world, manager, cluster, done);
}
