/**
 * The right to write, beside the loop (packages/instance/src/authority/guard.ts), and the watchdog process that ends
 * PostgreSQL when the manager is frozen. Instead of looking ten times a second they wake when there is something to see.
 */
import type { Authority } from '../../../packages/instance/src/authority/authority.ts';
import { peersOf } from '../../../packages/instance/src/authority/peers.ts';
import { leaseTimings } from '../../../packages/instance/src/reconcile/timings.ts';
import { afterLocal, clockOf } from '../engine/machine.ts';
import { cancel, note } from '../engine/simulation.ts';
import { kill } from '../postgres/server.ts';
import type { World } from '../world.ts';
import { termOf } from './lease.ts';
import { clusterOf, type Held, type Manager, nowOf, wake } from './manager.ts';
import { askPeer } from './peers.ts';

const lookMs = 100;
const askMs = 1000;
const watchdogMs = 250;

export function authorityOf(world: World, manager: Manager): Authority {
  const cluster = clusterOf(manager);
  const { held } = manager;
  if (held === undefined || cluster === undefined) return { kind: 'none' };
  const view = {
    self: manager.name,
    renewedAtMs: held.renewedAtMs,
    renewDeadlineMs: leaseTimings(cluster).renewDeadlineSeconds * 1000,
    electorates: held.electorates,
    votes: manager.votesTerm === termOf(manager) ? manager.votes : new Map(),
  };
  return world.decisions.authorityAt(view, nowOf(world, manager));
}

/** Looks now, and again when the next thing can happen. */
export function wakeGuard(world: World, manager: Manager): void {
  writeDeadline(world, manager);
  cancel(manager.guard);
  manager.guard = undefined;
  const { held } = manager;
  if (held === undefined && !manager.writing) return;
  const now = nowOf(world, manager);
  const overdueAt = held === undefined ? now : overdueAtOf(held);
  const authority = authorityOf(world, manager);
  const next = Math.min(
    Math.max(overdueAt, manager.askedAt + askMs),
    authority.kind === 'none' ? now : authority.untilMs,
  );
  const delay = Math.max(0, next - now) + world.sim.random.between(1, lookMs);
  manager.guard = afterLocal(world.sim, manager.machine, manager.actor, delay, () => lookNow(world, manager));
}

const overdueAtOf = ({ renewedAtMs, timings }: Held): number =>
  renewedAtMs + timings.retryPeriodSeconds * 1000 + askMs / 2;

function lookNow(world: World, manager: Manager): void {
  const { held, server } = manager;
  const now = nowOf(world, manager);
  if (server !== undefined && manager.writing && server.state !== 'ended' && server.state !== 'killed') {
    if (held !== undefined && now > overdueAtOf(held) && now - manager.askedAt >= askMs) {
      manager.askedAt = now;
      askForVotes(world, manager);
    }
    if (authorityOf(world, manager).kind === 'none') {
      manager.stopping = true;
      kill(world, server, 'nobody stands behind it any more');
      wake(world, manager);
    }
  } else if (held === undefined) return;
  wakeGuard(world, manager);
}

function askForVotes(world: World, manager: Manager): void {
  const cluster = clusterOf(manager);
  if (cluster === undefined) return;
  const term = termOf(manager);
  if (term !== manager.votesTerm) manager.votes = new Map();
  manager.votesTerm = term;
  const sentAt = nowOf(world, manager);
  for (const peer of peersOf(cluster, manager.name)) {
    askPeer(
      world,
      manager,
      peer.address,
      (voter) => {
        const targetPrimary = clusterOf(voter)?.status?.targetPrimary ?? '';
        const view = { self: voter.name, targetPrimary };
        const vote = world.decisions.vote(voter.voter, { primary: manager.name, term }, view, nowOf(world, voter));
        if (vote.granted) voter.voter = vote.state;
        return vote.granted;
      },
      (granted) => {
        if (granted !== true || term !== manager.votesTerm) return;
        manager.votes.set(peer.name, sentAt);
        note(world.sim, manager.actor.name, () => `has the vote of ${peer.name}`);
        wakeGuard(world, manager);
      },
    );
  }
}

/** The file that the watchdog reads: until when PostgreSQL may run as a primary, by the clock of the machine. */
function writeDeadline(world: World, manager: Manager): void {
  const { pod } = manager;
  const authority = authorityOf(world, manager);
  pod.deadline = authority.kind === 'none' ? Number.NEGATIVE_INFINITY : authority.untilMs;
  if (pod.watching || manager.held === undefined) return;
  pod.watching = true;
  watchDeadline(world, manager);
}

function watchDeadline(world: World, manager: Manager): void {
  const { pod, machine } = manager;
  const left = Math.max(0, pod.deadline - clockOf(world.sim, machine));
  const pause = world.sim.random.between(1, watchdogMs);
  afterLocal(world.sim, machine, pod.watchdog, Math.min(left, 60_000) + pause, () => {
    if (!manager.actor.alive || manager.held === undefined) {
      pod.watching = false;
      return;
    }
    const { server } = manager;
    const overdue = clockOf(world.sim, machine) > pod.deadline;
    if (overdue && server?.primary && server.state !== 'killed') kill(world, server, 'the watchdog ends it');
    watchDeadline(world, manager);
  });
}
