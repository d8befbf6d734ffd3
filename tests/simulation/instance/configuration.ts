import { type Cluster, type FailoverQuorumStatus, isQuorumPublished } from '@matriarch/api';
import type { SynchronousStandbys } from '../../../packages/instance/src/configuration/synchronous.ts';
import { synchronousInput } from '../../../packages/instance/src/configuration/synchronousInput.ts';
import { saysTheSame, withdrawnQuorum } from '../../../packages/instance/src/primary/quorumDecide.ts';
import { after, note } from '../engine/simulation.ts';
import { isRefused, request } from '../kubernetes/api.ts';
import { patch, type Store } from '../kubernetes/store.ts';
import { reload, startServer } from '../postgres/server.ts';
import { lsnText } from '../postgres/wal.ts';
import { clusterName, type World } from '../world.ts';
import { wakeGuard } from './guard.ts';
import { termOf } from './lease.ts';
import { type Manager, onDiverged, onServerState, wake } from './manager.ts';

interface Settings {
  readonly names: SynchronousStandbys | undefined;
  readonly durable: boolean;
}

function settingsOf(world: World, cluster: Cluster): Settings {
  const synchronous = cluster.spec.postgresql?.synchronous;
  const durable = synchronous !== undefined && synchronous.dataDurability !== 'preferred';
  return { names: world.decisions.synchronousStandbys(synchronousInput(cluster)), durable };
}

/** Starts PostgreSQL with what the Cluster says now. */
export function launch(world: World, manager: Manager, cluster: Cluster): void {
  const { names, durable } = settingsOf(world, cluster);
  const { name: instance, machine, disk } = manager;
  disk.connected = !manager.receiverCut;
  manager.stopping = false;
  manager.writing = !disk.standby;
  const server = startServer(world, {
    ...{ instance, machine, disk, names, durable, term: termOf(manager) },
    onState: (state) => onServerState(world, manager, server, state),
    onDiverged: () => onDiverged(world, manager, server),
  });
  manager.server = server;
  if (manager.writing) wakeGuard(world, manager);
}

/** Brings synchronous_standby_names up to date, and says on whom the commits of a primary depend. */
export function applyConfiguration(world: World, manager: Manager, cluster: Cluster, done: Done) {
  const { server } = manager;
  if (server === undefined) return done(undefined);
  const { names, durable } = settingsOf(world, cluster);
  if (same(server.names, names) && server.durable === durable) return publishQuorum(world, manager, cluster, done);
  const load = () => {
    after(world.sim, server.actor, world.sim.random.between(5, 80), () => {
      note(world.sim, server.actor.name, () => `waits for ${namesText(names)}`);
      reload(world, server, names, durable);
      after(world.sim, manager.actor, 5, () => wake(world, manager));
    });
    done(undefined);
  };
  const tells = isQuorumPublished(cluster) && cluster.status?.currentPrimary === manager.name;
  if (!tells || saysTheSame(manager.quorum.published, names, manager.name)) return load();
  // The operator must not count on synchronous standbys that are about to change.
  writeQuorum(world, manager, withdrawnQuorum, (written) => {
    if (!written) return done(200);
    manager.quorum.barrier = 'none';
    load();
  });
}

const namesText = (names: SynchronousStandbys | undefined): string =>
  names === undefined ? 'nobody' : `${names.method} ${names.number} (${names.standbyNames.join(', ')})`;

type Done = (requeueMs: number | undefined) => void;

function publishQuorum(world: World, manager: Manager, cluster: Cluster, done: Done) {
  const { server, disk, quorum } = manager;
  if (disk.standby || cluster.status?.targetPrimary !== manager.name || server === undefined) return done(undefined);
  if (!isQuorumPublished(cluster)) {
    manager.quorum = { published: undefined, barrier: 'none' };
    return done(undefined);
  }
  const step = world.decisions.decideQuorum({
    podName: manager.name,
    running: server.names,
    published: quorum.published,
    barrier: quorum.barrier,
    position: BigInt(disk.flushed),
    standbys: server.senders.map(({ standby, flushed }) => ({ name: standby.instance, flushLsn: lsnText(flushed) })),
  });
  if (step.kind === 'wait') {
    quorum.barrier = step.barrier;
    return done(250);
  }
  quorum.barrier = 'none';
  writeQuorum(world, manager, step.status, (written) => done(written ? undefined : 250));
}

function writeQuorum(world: World, manager: Manager, status: FailoverQuorumStatus, done: (written: boolean) => void) {
  if (JSON.stringify(status) === JSON.stringify(manager.quorum.published)) return done(true);
  const apply = (store: Store) => patch(store, 'failoverQuorums', clusterName, { status });
  request(world, manager.client, 10_000, apply, (result) => {
    if (isRefused(result)) return done(false);
    manager.quorum.published = status;
    done(true);
  });
}

function same(a: SynchronousStandbys | undefined, b: SynchronousStandbys | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.method === b.method && a.number === b.number && a.standbyNames.join() === b.standbyNames.join();
}
