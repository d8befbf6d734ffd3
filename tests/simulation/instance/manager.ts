/**
 * The instance manager: its memory, its loop and its life, as packages/instance has them around the pure decisions.
 *
 * What the process knows goes with it. Every request takes time and may be lost; the manager may be killed or frozen at
 * any of them.
 */
import type { Cluster } from '@matriarch/api';
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import type { VoterState } from '../../../packages/instance/src/authority/voter.ts';
import type { LeaseTimings, Sighting, Withdrawn } from '../../../packages/instance/src/lease/decide.ts';
import type { QuorumMemory } from '../../../packages/instance/src/reconcile/memory.ts';
import { clockOf, type Machine } from '../engine/machine.ts';
import { type Actor, after, createActor, type Entry, endActor, note } from '../engine/simulation.ts';
import { type Client, cached, type Watcher, watch } from '../kubernetes/api.ts';
import type { PodRuntime } from '../kubernetes/kubelet.ts';
import type { Change } from '../kubernetes/store.ts';
import type { Disk } from '../postgres/disk.ts';
import { kill, type Server, type ServerState, stopFast } from '../postgres/server.ts';
import { clusterName, type World } from '../world.ts';
import { doubt, doubtAll } from './contact.ts';
import { releaseLease, releaseLeftover } from './lease.ts';
import { pass } from './reconcile.ts';
import { notifyFeed } from './report.ts';

export interface Held {
  readonly timings: LeaseTimings;
  lease: Lease;
  renewedAtMs: number;
  electorates: (readonly string[])[];
  /** The holder writes, or is about to. */
  isPrimary: boolean;
  renewing: boolean;
  readonly waiting: (() => void)[];
}

export interface Manager {
  readonly actor: Actor;
  readonly name: string;
  readonly pod: PodRuntime;
  readonly machine: Machine;
  readonly disk: Disk;
  readonly client: Client;
  readonly watcher: Watcher;
  server: Server | undefined;
  /** The stop under way was asked for. */
  stopping: boolean;
  voter: VoterState;
  votes: Map<string, number>;
  votesTerm: number;
  askedAt: number;
  withdrawals: Map<string, Withdrawn>;
  held: Held | undefined;
  owed: { readonly timings: LeaseTimings; readonly finalLsn: number | undefined } | undefined;
  seen: Lease | undefined;
  sighting: Sighting | undefined;
  receiverCut: boolean;
  leftoverSettled: boolean;
  misses: number;
  /** Questions to the primary are under way. */
  asking: boolean;
  /** Since when PostgreSQL or its volume does not answer. */
  unresponsiveSince: number | undefined;
  /** PostgreSQL works with a primary's data, or is being promoted. */
  writing: boolean;
  state: {
    ended: boolean;
    primaryUnreachable: boolean;
    targetSeen: string | undefined;
    rewinding: boolean;
    fenced: boolean;
    diverged: boolean;
  };
  busy: boolean;
  woken: boolean;
  timer: Entry | undefined;
  guard: Entry | undefined;
  feed: Entry | undefined;
  quorum: QuorumMemory;
  lastReport: string;
  /** What was decided last, for the trace. */
  lastStep: string;
  /** It stops, or has stopped, and starts nothing any more. */
  ending: boolean;
}

export function startManager(world: World, pod: PodRuntime, machine: Machine, disk: Disk): Manager {
  const { sim } = world;
  world.runs += 1;
  const actor = createActor(`${pod.name}/manager`);
  actor.frozen += machine.frozen;
  const client = { actor, place: machine.name };
  const manager: Manager = {
    ...{ actor, name: pod.name, pod, machine, disk, client },
    watcher: watch(world, {
      client,
      kinds: new Set(['clusters']),
      onChange: (change) => {
        wake(world, manager);
        notifyFeed(world, manager);
        if (primaryChanged(change)) doubt(world, manager);
      },
    }),
    ...{ server: undefined, stopping: false },
    voter: { withdrawnTerm: -1, votedAtMs: clockOf(sim, machine) },
    ...{ votes: new Map(), votesTerm: -1, askedAt: Number.NEGATIVE_INFINITY, withdrawals: new Map() },
    ...{ held: undefined, owed: undefined, seen: undefined, sighting: undefined },
    ...{
      receiverCut: false,
      leftoverSettled: false,
      misses: 0,
      asking: false,
      unresponsiveSince: undefined,
      writing: false,
    },
    state: {
      ended: false,
      primaryUnreachable: false,
      targetSeen: undefined,
      rewinding: false,
      fenced: false,
      diverged: false,
    },
    ...{
      busy: false,
      woken: false,
      timer: undefined,
      guard: undefined,
      feed: undefined,
      quorum: { published: undefined, barrier: 'none' },
      lastReport: '',
      lastStep: '',
    },
    ending: false,
  };
  note(sim, actor.name, () => 'starts');
  doubt(world, manager);
  return manager;
}

export const clusterOf = (manager: Manager): Cluster | undefined =>
  cached<Cluster>(manager.watcher, 'clusters', clusterName);

export const nowOf = (world: World, manager: Manager): number => clockOf(world.sim, manager.machine);

/** Asks for a pass of the loop: now, or after the one that runs. */
export function wake(world: World, manager: Manager, ms = 1): void {
  if (manager.ending) return;
  if (manager.busy) {
    manager.woken = true;
    return;
  }
  const at = world.sim.now + ms;
  if (manager.timer?.run && manager.timer.at <= at) return;
  if (manager.timer) manager.timer.run = undefined;
  manager.timer = after(world.sim, manager.actor, ms, () => {
    manager.timer = undefined;
    manager.busy = true;
    manager.woken = false;
    settle(world, manager, () =>
      pass(world, manager, 0, (requeueMs) => {
        manager.busy = false;
        if (manager.woken) wake(world, manager);
        else if (requeueMs !== undefined) wake(world, manager, Math.max(10, requeueMs));
      }),
    );
  });
}

/** Once: a Lease that an earlier process of this pod left behind is given back. */
function settle(world: World, manager: Manager, then: () => void) {
  const cluster = clusterOf(manager);
  if (manager.leftoverSettled || cluster === undefined) return then();
  manager.leftoverSettled = true;
  if (cluster.status?.targetPrimary === manager.name) return then();
  releaseLeftover(world, manager, finalLsnOf(manager), then);
}

/** Place of the checkpoint with which this former primary shut down. */
export function finalLsnOf({ disk }: Manager): number | undefined {
  return disk.standby ? undefined : disk.clean;
}

/** What the manager hears of its server. */
export function onServerState(world: World, manager: Manager, server: Server, state: ServerState): void {
  after(world.sim, manager.actor, world.sim.random.between(0.5, 4), () => {
    if (manager.server !== server) return;
    if (state === 'ended') Object.assign(manager, { server: undefined, writing: false });
    manager.pod.onServer();
    wake(world, manager);
    notifyFeed(world, manager);
    if (state === 'ended' && !manager.stopping && !manager.ending) crashed(world, manager);
    if (state === 'ended') manager.stopping = false;
  });
}

export function onDiverged(world: World, manager: Manager, server: Server): void {
  after(world.sim, manager.actor, world.sim.random.between(20, 200), () => {
    if (manager.server !== server || server.receiver !== undefined) return;
    manager.state.diverged = true;
    wake(world, manager);
  });
}

/** PostgreSQL ended by itself: the last words to the operator, the Lease, and the end of this process. */
function crashed(world: World, manager: Manager): void {
  manager.ending = true;
  manager.state.ended = true;
  notifyFeed(world, manager);
  releaseLease(world, manager, undefined, () => undefined);
  after(world.sim, manager.actor, world.sim.random.between(10, 80), () => endManager(world, manager, 1));
}

/** Another holder was seen while we took the Lease for ours. */
export function loseLease(world: World, manager: Manager, holder: string): void {
  note(world.sim, manager.actor.name, () => `has lost the Lease to ${holder}`);
  manager.ending = true;
  if (manager.server) kill(world, manager.server, 'the Lease is lost');
  after(world.sim, manager.actor, 20, () => endManager(world, manager, 1));
}

/** SIGTERM: PostgreSQL is stopped, the Lease given back, then the process ends. */
export function terminate(world: World, manager: Manager): void {
  if (manager.ending) return;
  manager.ending = true;
  note(world.sim, manager.actor.name, () => 'is asked to end');
  const finish = () => {
    if (manager.server !== undefined && manager.server.state !== 'ended') {
      after(world.sim, manager.actor, 30, finish);
      return;
    }
    manager.server = undefined;
    releaseLease(world, manager, finalLsnOf(manager), () => endManager(world, manager, 0));
  };
  const { server } = manager;
  if (server) {
    manager.stopping = true;
    const smart = world.sim.random.chance(0.5) ? 0 : world.sim.random.between(200, 2500);
    after(world.sim, manager.actor, smart, () => stopFast(world, server));
    after(world.sim, manager.actor, smart + 30_000, () => kill(world, server, 'it does not end'));
  }
  finish();
}

export function endManager(world: World, manager: Manager, code: number): void {
  if (!manager.actor.alive) return;
  note(world.sim, manager.actor.name, () => `ends with code ${code}`);
  manager.ending = true;
  endActor(manager.actor);
  if (manager.server) kill(world, manager.server, 'its container has ended');
  manager.pod.onEnd(code);
  doubtAll(world);
}

function primaryChanged({ object, last }: Change): boolean {
  const primary = (cluster: unknown) => (cluster as Cluster | undefined)?.status?.currentPrimary;
  return primary(object) !== primary(last);
}
