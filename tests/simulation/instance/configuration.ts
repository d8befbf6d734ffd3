import type { Cluster } from '@matriarch/api';
import type { SynchronousStandbys } from '../../../packages/instance/src/configuration/synchronous.ts';
import { synchronousInput } from '../../../packages/instance/src/configuration/synchronousInput.ts';
import { after, note } from '../engine/simulation.ts';
import { isRefused, request } from '../kubernetes/api.ts';
import { patch, type Store } from '../kubernetes/store.ts';
import { reload, startServer } from '../postgres/server.ts';
import { clusterName, type World } from '../world.ts';
import { wakeGuard } from './guard.ts';
import { termOf } from './lease.ts';
import { type Manager, onServerState, wake } from './manager.ts';

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
  });
  manager.server = server;
  if (manager.writing) wakeGuard(world, manager);
}

/** Brings synchronous_standby_names up to date; the server takes it over a moment later. */
export function applyConfiguration(world: World, manager: Manager, cluster: Cluster) {
  const { server } = manager;
  if (server === undefined) return;
  const { names, durable } = settingsOf(world, cluster);
  if (same(server.names, names) && server.durable === durable) return publishQuorum(world, manager, cluster, names);
  // The operator must not count on synchronous standbys that are about to change.
  publishQuorum(world, manager, cluster, undefined);
  after(world.sim, server.actor, world.sim.random.between(5, 80), () => {
    note(
      world.sim,
      server.actor.name,
      () => `waits for ${names ? `${names.method} ${names.number} (${names.standbyNames.join(', ')})` : 'nobody'}`,
    );
    reload(world, server, names, durable);
    after(world.sim, manager.actor, 5, () => wake(world, manager));
  });
}

/** Says on whom the commits of the running primary depend, for an operator that asks for that proof. */
function publishQuorum(world: World, manager: Manager, cluster: Cluster, names: SynchronousStandbys | undefined): void {
  const isUsed = cluster.spec.postgresql?.synchronous?.failoverQuorum === true;
  if (!isUsed || manager.disk.standby || cluster.status?.currentPrimary !== manager.name) return;
  const { method = '', number: standbyNumber = 0, standbyNames = [] } = names ?? {};
  const status = { method, primary: names ? manager.name : '', standbyNames, standbyNumber };
  const text = JSON.stringify(status);
  if (text === manager.quorum) return;
  const apply = (store: Store) => patch(store, 'failoverQuorums', clusterName, { status });
  request(world, manager.client, 10_000, apply, (result) => {
    if (!isRefused(result)) manager.quorum = text;
    else after(world.sim, manager.actor, 1000, () => wake(world, manager));
  });
}

function same(a: SynchronousStandbys | undefined, b: SynchronousStandbys | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.method === b.method && a.number === b.number && a.standbyNames.join() === b.standbyNames.join();
}
