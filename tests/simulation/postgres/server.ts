/**
 * One run of PostgreSQL on a volume.
 *
 *   starting -> running -> stopping -> ended
 *
 * A primary takes writes, flushes them, waits for its synchronous standbys and acknowledges. A fast shutdown sends
 * everything, the shutdown checkpoint too, to the standbys that are connected. A killed server on a hung disk answers
 * nobody and has not ended.
 */
import type { SynchronousStandbys } from '../../../packages/instance/src/configuration/synchronous.ts';
import type { Machine } from '../engine/machine.ts';
import { type Actor, after, createActor, endActor, note } from '../engine/simulation.ts';
import type { World } from '../world.ts';
import type { Disk } from './disk.ts';
import { type Connection, closeSenders, endReceiver, keepConnecting, pump } from './replication.ts';
import { createBranch } from './wal.ts';

export type ServerState = 'starting' | 'running' | 'stopping' | 'killed' | 'ended';

export interface Server {
  readonly actor: Actor;
  readonly instance: string;
  readonly machine: Machine;
  readonly disk: Disk;
  state: ServerState;
  /** Not in recovery. */
  primary: boolean;
  /** Term of the Lease with which it was started or promoted as a primary. */
  term: number;
  receiver: Connection | undefined;
  readonly senders: Connection[];
  readonly waiters: Waiter[];
  /** synchronous_standby_names as loaded; undefined = asynchronous. */
  names: SynchronousStandbys | undefined;
  /** Whether a commit is to survive the loss of this server. */
  durable: boolean;
  readonly onState: (state: ServerState) => void;
  /** What it has is no part of the history of the primary. */
  readonly onDiverged: () => void;
  /** Ends the wait of a fast shutdown, when everything was sent. */
  onSent: (() => void) | undefined;
}

export interface Waiter {
  readonly lsn: number;
  readonly acknowledge: () => void;
}

export interface StartOptions {
  readonly instance: string;
  readonly machine: Machine;
  readonly disk: Disk;
  readonly term: number;
  readonly names: SynchronousStandbys | undefined;
  readonly durable: boolean;
  readonly onState: (state: ServerState) => void;
  readonly onDiverged: () => void;
}

export function startServer(world: World, options: StartOptions): Server {
  const { sim } = world;
  const { disk, instance } = options;
  world.runs += 1;
  const server: Server = {
    ...options,
    actor: createActor(`${instance}/postgres`),
    state: 'starting',
    primary: !disk.standby,
    receiver: undefined,
    senders: [],
    waiters: [],
    onSent: undefined,
  };
  world.servers.add(server);
  if (options.machine.frozen > 0) server.actor.frozen += options.machine.frozen;
  if (!disk.standby) disk.written = Math.max(disk.written, disk.flushed);
  disk.clean = undefined;
  note(sim, server.actor.name, () => `starts as a ${disk.standby ? 'standby' : 'primary'} at ${disk.written}`);
  after(sim, server.actor, startTime(world), () => opened(world, server));
  if (disk.standby) keepConnecting(world, server);
  return server;
}

function startTime({ sim: { random } }: World): number {
  return random.chance(0.04) ? random.between(1000, 6000) : random.between(30, 400);
}

function opened(world: World, server: Server): void {
  if (server.state !== 'starting') return;
  server.state = 'running';
  note(world.sim, server.actor.name, () => `accepts ${server.primary ? 'writes' : 'reads'}`);
  if (server.primary) world.checks.opened(world, server);
  server.onState('running');
}

export const isWritable = (server: Server): boolean => server.state === 'running' && server.primary;

/** A commit: written, flushed, confirmed by standbys as configured, then acknowledged. */
export function write(world: World, server: Server, acknowledge: () => void): void {
  const { disk } = server;
  disk.written += 1;
  const lsn = disk.written;
  flush(world, server, () => {
    disk.flushed = Math.max(disk.flushed, lsn);
    for (const connection of server.senders) pump(world, connection);
    server.waiters.push({ lsn, acknowledge });
    release(world, server);
  });
}

/** Runs when the disk has taken what was written; on a hung one not before it goes on. */
export function flush(world: World, server: Server, done: () => void): void {
  const { sim } = world;
  after(sim, server.actor, sim.random.between(0.2, 4), () => {
    if (server.disk.hung === 0) done();
    else after(sim, server.actor, 400, () => flush(world, server, done));
  });
}

/** Acknowledges the commits that wait for nobody any more. */
export function release(world: World, server: Server): void {
  if (!isWritable(server)) return;
  while (server.waiters.length > 0) {
    const [first] = server.waiters;
    if (first === undefined || !isConfirmed(server, first.lsn)) return;
    server.waiters.shift();
    world.checks.acknowledged(world, server, first.lsn);
    first.acknowledge();
  }
}

function isConfirmed({ names, senders }: Server, lsn: number): boolean {
  if (names === undefined) return true;
  const listed = names.standbyNames.flatMap((name) => senders.filter(({ standby }) => standby.instance === name));
  if (names.method === 'ANY') return listed.filter(({ flushed }) => flushed >= lsn).length >= names.number;
  const first = listed.slice(0, names.number);
  return first.length === names.number && first.every(({ flushed }) => flushed >= lsn);
}

/** Changes synchronous_standby_names of a running server. */
export function reload(world: World, server: Server, names: SynchronousStandbys | undefined, durable: boolean): void {
  server.names = names;
  server.durable = durable;
  release(world, server);
}

/** A shutdown that closes clients and sends what there is. */
export function stopFast(world: World, server: Server): void {
  if (server.state === 'stopping' || server.state === 'ended' || server.state === 'killed') return;
  const wasRunning = server.state === 'running';
  server.state = 'stopping';
  server.waiters.length = 0;
  note(world.sim, server.actor.name, () => 'shuts down');
  after(world.sim, server.actor, world.sim.random.between(5, 120), () => {
    if (server.primary && wasRunning) return lastCheckpoint(world, server);
    flush(world, server, () => exit(world, server));
  });
}

function lastCheckpoint(world: World, server: Server): void {
  const { disk } = server;
  flush(world, server, () => {
    const place = disk.written;
    disk.written += 1;
    disk.flushed = disk.written;
    for (const connection of server.senders) pump(world, connection);
    server.onSent = () => {
      if (server.senders.some(({ flushed }) => flushed < disk.flushed)) return;
      server.onSent = undefined;
      disk.clean = place;
      exit(world, server);
    };
    server.onSent();
  });
}

/** SIGKILL to all processes, or the end of the container. */
export function kill(world: World, server: Server, why: string): void {
  if (server.state === 'ended' || server.state === 'killed') return;
  note(world.sim, server.actor.name, () => `is killed: ${why}`);
  exit(world, server);
}

function exit(world: World, server: Server): void {
  const { disk, actor } = server;
  endActor(actor);
  server.waiters.length = 0;
  closeSenders(world, server);
  endReceiver(world, server);
  if (disk.hung > 0) {
    server.state = 'killed';
    world.hanging.add(server);
    server.onState('killed');
    return;
  }
  ended(world, server);
}

export function ended(world: World, server: Server): void {
  server.state = 'ended';
  world.servers.delete(server);
  world.hanging.delete(server);
  server.onState('ended');
}

/** The end of recovery: a branch of its own from the last record that is there. */
export function promote(world: World, server: Server, term: number, done: () => void): void {
  const { sim } = world;
  after(sim, server.actor, sim.random.between(5, 150), () => {
    if (server.state !== 'running' || server.primary) return done();
    const { disk } = server;
    flush(world, server, () => {
      if (server.state !== 'running' || server.primary) return done();
      world.branches += 1;
      disk.branch = createBranch(world.branches, disk.branch, disk.written);
      disk.written += 1;
      disk.flushed = disk.written;
      disk.standby = false;
      disk.controlTimeline = disk.branch.timeline;
      server.primary = true;
      server.term = term;
      note(sim, actor(server), () => `is promoted: timeline ${disk.branch.timeline} from ${disk.branch.from}`);
      world.checks.promoted();
      world.checks.opened(world, server);
      done();
    });
  });
}

const actor = ({ actor: { name } }: Server): string => name;
