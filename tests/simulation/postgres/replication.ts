/**
 * Streaming. A standby looks for the primary behind the write Service, connects when its own WAL is part of that one's
 * history, and confirms what it has flushed. One batch is under way per connection.
 */
import { reaches, transit } from '../engine/network.ts';
import { after, note } from '../engine/simulation.ts';
import { writeEndpoint } from '../kubernetes/service.ts';
import type { World } from '../world.ts';
import { flush, release, type Server } from './server.ts';
import { holds } from './wal.ts';

export interface Connection {
  readonly primary: Server;
  readonly standby: Server;
  /** Records that were sent, and those that the primary knows to be flushed there. */
  sent: number;
  flushed: number;
  busy: boolean;
  /** When the last message back arrives: what is sent later does not overtake it. */
  backAt: number;
}

/** wal_receiver_timeout and wal_sender_timeout. */
const silenceMs = 5000;

/** Tries again and again as long as the standby runs; a connection that is there is left alone. */
export function keepConnecting(world: World, standby: Server): void {
  const { sim } = world;
  after(sim, standby.actor, sim.random.between(50, 700), () => {
    if (standby.primary || standby.state === 'stopping') return;
    if (standby.receiver === undefined && standby.disk.connected) connect(world, standby);
    if (standby.receiver === undefined) keepConnecting(world, standby);
  });
}

function connect(world: World, standby: Server): void {
  const primary = writeEndpoint(world);
  if (primary === undefined || primary === standby || !canStream(world, primary, standby)) return;
  const { disk } = standby;
  if (!holds({ branch: primary.disk.branch, lsn: primary.disk.flushed }, disk.branch, disk.written)) {
    note(world.sim, standby.actor.name, () => `has WAL that is not part of the history of ${primary.instance}`);
    standby.onDiverged();
    return;
  }
  disk.branch = primary.disk.branch;
  const connection = {
    ...{ primary, standby, sent: disk.written, flushed: disk.flushed },
    ...{ busy: false, backAt: world.sim.now },
  };
  standby.receiver = connection;
  primary.senders.push(connection);
  note(world.sim, standby.actor.name, () => `receives from ${primary.instance} at ${disk.written}`);
  world.checks.streams(world, standby);
  tellManager(standby);
  release(world, primary);
  pump(world, connection);
}

function canStream(world: World, primary: Server, standby: Server): boolean {
  const answers = primary.state === 'running' && primary.primary && primary.actor.frozen === 0;
  return answers && reaches(world.network, primary.machine.name, standby.machine.name);
}

/** The manager of an instance looks at its server. */
function tellManager(server: Server): void {
  server.onState(server.state);
}

/** Sends the next batch, when there is one and none is under way. */
export function pump(world: World, connection: Connection): void {
  const { primary, standby } = connection;
  const lsn = primary.disk.flushed;
  if (connection.busy || lsn <= connection.sent || !primary.senders.includes(connection)) return;
  connection.busy = true;
  after(world.sim, standby.actor, transit(world.sim), () => receive(world, connection, lsn));
}

function receive(world: World, connection: Connection, lsn: number): void {
  const { primary, standby } = connection;
  const { sim } = world;
  if (standby.receiver !== connection) return;
  if (!reaches(world.network, primary.machine.name, standby.machine.name)) {
    after(sim, standby.actor, 300, () => receive(world, connection, lsn));
    return;
  }
  const { disk } = standby;
  disk.written = Math.max(disk.written, lsn);
  flush(world, standby, () => {
    disk.flushed = Math.max(disk.flushed, lsn);
    if (standby.receiver !== connection) return;
    reply(world, connection, lsn);
  });
}

function reply(world: World, connection: Connection, lsn: number): void {
  const { primary, standby } = connection;
  const { sim } = world;
  connection.backAt = Math.max(connection.backAt, sim.now + transit(sim));
  after(sim, primary.actor, connection.backAt - sim.now, () => {
    if (!primary.senders.includes(connection)) return;
    if (!reaches(world.network, primary.machine.name, standby.machine.name)) {
      after(sim, primary.actor, 300, () => reply(world, connection, lsn));
      return;
    }
    connection.busy = false;
    connection.sent = Math.max(connection.sent, lsn);
    connection.flushed = Math.max(connection.flushed, lsn);
    release(world, primary);
    primary.onSent?.();
    pump(world, connection);
  });
}

/** The standby's end of a connection goes; the primary hears of it behind what was sent before. */
export function endReceiver(world: World, standby: Server): void {
  const connection = standby.receiver;
  if (connection === undefined) return;
  const { primary } = connection;
  const { sim } = world;
  standby.receiver = undefined;
  // A receiver that ends flushes what it has written first.
  if (standby.actor.alive && standby.disk.hung === 0) standby.disk.flushed = standby.disk.written;
  note(sim, standby.actor.name, () => `receives no more from ${primary.instance}`);
  connection.backAt = Math.max(connection.backAt, sim.now + transit(sim));
  const late = reaches(world.network, primary.machine.name, standby.machine.name) ? 0 : silenceMs;
  after(sim, primary.actor, connection.backAt - sim.now + late, () => dropSender(primary, connection));
  if (!standby.actor.alive) return;
  tellManager(standby);
  keepConnecting(world, standby);
}

function dropSender(primary: Server, connection: Connection): void {
  const index = primary.senders.indexOf(connection);
  if (index >= 0) primary.senders.splice(index, 1);
  primary.onSent?.();
}

/** The primary's ends of its connections go; the standbys hear of it, or find out by the silence. */
export function closeSenders(world: World, primary: Server): void {
  const { sim } = world;
  for (const connection of primary.senders.splice(0)) {
    const { standby } = connection;
    const near = primary.machine.up && reaches(world.network, primary.machine.name, standby.machine.name);
    after(sim, standby.actor, near ? transit(sim) : silenceMs, () => {
      if (standby.receiver === connection) endReceiver(world, standby);
    });
  }
}

/** Something stands still or is cut off: five seconds later both ends of silent connections give up. */
export function watchSilence(world: World): void {
  for (const server of world.servers) {
    const connection = server.receiver;
    if (connection && isSilent(world, connection)) scheduleSilence(world, connection);
  }
}

function scheduleSilence(world: World, connection: Connection): void {
  const { primary, standby } = connection;
  after(world.sim, standby.actor, silenceMs, () => {
    if (standby.receiver === connection && isSilent(world, connection)) endReceiver(world, standby);
  });
  after(world.sim, primary.actor, silenceMs, () => {
    if (!isSilent(world, connection)) return;
    dropSender(primary, connection);
    // Once it listens again the standby learns that nobody sends any more.
    after(world.sim, standby.actor, transit(world.sim), () => {
      if (standby.receiver === connection) endReceiver(world, standby);
    });
  });
}

function isSilent(world: World, { primary, standby }: Connection): boolean {
  if (primary.actor.frozen > 0 || standby.actor.frozen > 0) return true;
  return !reaches(world.network, primary.machine.name, standby.machine.name);
}
