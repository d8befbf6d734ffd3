import type { Machine } from '../engine/machine.ts';
import { type Actor, after, freeze, note, thaw } from '../engine/simulation.ts';
import { doubtAll } from '../instance/contact.ts';
import { endManager } from '../instance/manager.ts';
import type { PodRuntime } from '../kubernetes/kubelet.ts';
import { patch, read } from '../kubernetes/store.ts';
import { watchStreams } from '../operator/pool.ts';
import { watchSilence } from '../postgres/replication.ts';
import { ended, kill } from '../postgres/server.ts';
import type { World } from '../world.ts';
import { refreshFeeds } from './network.ts';

/** How a fault ends; undefined = it is over at once. */
export type End = (() => void) | undefined;

export function killPostgres(world: World, pod: PodRuntime): End {
  const server = pod.manager?.server;
  if (server) kill(world, server, 'kill -9');
  return undefined;
}

export function killContainer(world: World, pod: PodRuntime): End {
  if (pod.manager) endManager(world, pod.manager, 137);
  return undefined;
}

/** SIGSTOP for some processes, SIGCONT later. */
function hold(world: World, actors: readonly Actor[]): End {
  for (const actor of actors) freeze(actor);
  watchSilence(world);
  watchStreams(world);
  doubtAll(world);
  return () => {
    for (const actor of actors) thaw(world.sim, actor);
    refreshFeeds(world);
  };
}

export function freezeManager(world: World, pod: PodRuntime): End {
  return pod.manager ? hold(world, [pod.manager.actor]) : undefined;
}

export function freezePostgres(world: World, pod: PodRuntime): End {
  const server = pod.manager?.server;
  return server ? hold(world, [server.actor]) : undefined;
}

export function freezePod(world: World, pod: PodRuntime): End {
  return hold(world, [...actorsOf(pod), pod.watchdog]);
}

const actorsOf = ({ manager }: PodRuntime): Actor[] =>
  manager ? [manager.actor, ...(manager.server ? [manager.server.actor] : [])] : [];

const podsOn = (world: World, machine: Machine): PodRuntime[] =>
  [...world.pods.values()].filter((pod) => pod.machine === machine);

/** Everything on a machine stands still, and nobody is told. */
export function freezeMachine(world: World, machine: Machine): End {
  machine.frozen += 1;
  const actors = podsOn(world, machine).flatMap((pod) => [...actorsOf(pod), pod.watchdog]);
  const release = hold(world, [machine.kubelet, ...actors]);
  missMachine(world, machine, () => machine.frozen > 0);
  return () => {
    machine.frozen -= 1;
    release?.();
  };
}

/** Power is lost: what was not flushed is gone. */
export function crashMachine(world: World, machine: Machine): End {
  if (!machine.up) return undefined;
  machine.up = false;
  freeze(machine.kubelet);
  for (const pod of podsOn(world, machine)) {
    const disk = world.disks.get(pod.name);
    if (pod.manager) endManager(world, pod.manager, 137);
    if (disk) disk.written = disk.flushed;
  }
  missMachine(world, machine, () => !machine.up);
  return () => {
    machine.up = true;
    thaw(world.sim, machine.kubelet);
    refreshFeeds(world);
  };
}

const missedAfterMs = 40_000;

/** The node controller calls the pods of a silent machine not ready. */
export function missMachine(world: World, machine: Machine, isSilent: () => boolean): void {
  after(world.sim, undefined, missedAfterMs, () => {
    if (!isSilent()) return;
    for (const pod of podsOn(world, machine)) {
      if (read(world.api.store, 'pods', pod.name) === undefined) continue;
      note(world.sim, 'node controller', () => `${pod.name} is not ready: ${machine.name} is silent`);
      patch(world.api.store, 'pods', pod.name, { status: { conditions: [{ type: 'Ready', status: 'False' }] } });
    }
  });
}

export function hangDisk(world: World, pod: PodRuntime): End {
  const disk = world.disks.get(pod.name);
  if (disk === undefined) return undefined;
  disk.hung += 1;
  doubtAll(world);
  return () => {
    disk.hung -= 1;
    if (disk.hung > 0) return;
    for (const server of [...world.hanging]) if (server.disk === disk) ended(world, server);
  };
}
