import type { Machine } from '../engine/machine.ts';
import { cut, heal } from '../engine/network.ts';
import { doubtAll } from '../instance/contact.ts';
import { notifyFeed } from '../instance/report.ts';
import { publish } from '../kubernetes/kubelet.ts';
import { watchStreams } from '../operator/pool.ts';
import { watchSilence } from '../postgres/replication.ts';
import type { World } from '../world.ts';
import { type End, missMachine } from './processes.ts';

/** Managers and kubelets say again what may not have been heard. */
export function refreshFeeds(world: World): void {
  for (const pod of world.pods.values()) {
    if (pod.manager?.actor.alive) {
      pod.manager.lastReport = '';
      notifyFeed(world, pod.manager, world.sim.random.between(20, 900));
    }
    publish(world, pod);
  }
}

function cutPairs(world: World, pairs: readonly (readonly [string, string])[]): End {
  for (const [a, b] of pairs) cut(world.network, a, b);
  watchSilence(world);
  watchStreams(world);
  doubtAll(world);
  return () => {
    for (const [a, b] of pairs) heal(world.network, a, b);
    refreshFeeds(world);
  };
}

const others = (world: World, machine: Machine): string[] =>
  [...world.machines.keys()].filter((name) => name !== machine.name);

const operatorPlaces = ['op-1', 'op-2'];
const clientPlaces = ['client-1', 'client-2'];

/** A machine reaches nobody. Clients that are with it stay with it. */
export function isolateMachine(world: World, machine: Machine): End {
  const withClient = world.sim.random.chance(0.5) ? [] : clientPlaces;
  const far = ['api', ...others(world, machine), ...operatorPlaces, ...withClient];
  const end = cutPairs(
    world,
    far.map((place) => [machine.name, place] as const),
  );
  let away = true;
  missMachine(world, machine, () => away);
  return () => {
    away = false;
    end?.();
  };
}

/** Only some of the ways from a machine are cut. */
export function isolatePartly(world: World, machine: Machine): End {
  const { random } = world.sim;
  const far = ['api', ...others(world, machine), ...operatorPlaces, ...clientPlaces].filter(() => random.chance(0.5));
  return cutPairs(
    world,
    far.map((place) => [machine.name, place] as const),
  );
}

export function cutFromApi(world: World, machine: Machine): End {
  let away = true;
  missMachine(world, machine, () => away);
  const end = cutPairs(world, [[machine.name, 'api']]);
  return () => {
    away = false;
    end?.();
  };
}

/** Neither the API server nor the operator hears of a machine; the others do. */
export function cutFromControl(world: World, machine: Machine): End {
  let away = true;
  missMachine(world, machine, () => away);
  const far = ['api', ...operatorPlaces];
  const end = cutPairs(
    world,
    far.map((place) => [machine.name, place] as const),
  );
  return () => {
    away = false;
    end?.();
  };
}

export function cutFromOperator(world: World, machine: Machine): End {
  return cutPairs(
    world,
    operatorPlaces.map((place) => [machine.name, place] as const),
  );
}

export function cutPeers(world: World, machine: Machine): End {
  return cutPairs(
    world,
    others(world, machine).map((place) => [machine.name, place] as const),
  );
}

export function cutOperator(world: World): End {
  return cutPairs(world, [['op-1', 'api']]);
}

export function apiOutage({ api }: World): End {
  api.down += 1;
  return () => {
    api.down -= 1;
  };
}

export function slowApi({ api, sim }: World): End {
  const added = sim.random.between(200, 3000);
  api.slowMs += added;
  return () => {
    api.slowMs -= added;
  };
}

export function lossyApi({ api, sim }: World): End {
  const part = sim.random.between(0.1, 0.5);
  api.loss += part;
  return () => {
    api.loss = Math.max(0, api.loss - part);
  };
}

export function lateWatches({ api, sim }: World): End {
  const added = sim.random.between(500, 8000);
  api.watchLagMs += added;
  return () => {
    api.watchLagMs -= added;
  };
}

/** One client hears nothing of its watch for a while and does not notice. */
export function silentWatch({ api, sim }: World): End {
  const alive = api.watchers.filter(({ client }) => client.actor.alive);
  if (alive.length === 0) return undefined;
  sim.random.pick(alive).silentUntil = sim.now + sim.random.between(1000, 20_000);
  return undefined;
}
