import { annotations, type Cluster, clusterPhases } from '@matriarch/api';
import { patch, read, remove } from '../kubernetes/store.ts';
import { clusterName, timestamp, type World } from '../world.ts';
import type { End } from './processes.ts';

const clusterNow = (world: World): Cluster | undefined => read<Cluster>(world.api.store, 'clusters', clusterName);

/** As `kubectl cnpg promote` writes it. */
export function promoteByUser(world: World): End {
  const names = clusterNow(world)?.status?.instanceNames ?? [];
  if (names.length === 0) return undefined;
  const target = world.sim.random.pick(names);
  const status = {
    targetPrimary: target,
    targetPrimaryTimestamp: timestamp(world),
    phase: clusterPhases.switchover,
    phaseReason: `Switching over to ${target}`,
  };
  if (clusterNow(world)?.status?.targetPrimary !== target) patch(world.api.store, 'clusters', clusterName, { status });
  return undefined;
}

export function fence(world: World): End {
  const names = clusterNow(world)?.status?.instanceNames ?? [];
  if (names.length === 0) return undefined;
  const name = world.sim.random.chance(0.2) ? '*' : world.sim.random.pick(names);
  const annotate = (value: string | null) =>
    patch(world.api.store, 'clusters', clusterName, {
      metadata: { annotations: { [annotations.fencedInstances]: value } },
    });
  annotate(JSON.stringify([name]));
  return () => void annotate(null);
}

const largest = 5;

export function scale(world: World): End {
  const { spec } = clusterNow(world) ?? {};
  if (spec === undefined) return undefined;
  const least = (spec.postgresql?.synchronous?.number ?? 0) + 1;
  const instances = Math.min(largest, Math.max(least, spec.instances + (world.sim.random.chance(0.5) ? 1 : -1)));
  patch(world.api.store, 'clusters', clusterName, { spec: { instances } });
  return undefined;
}

export function changeSynchronous(world: World): End {
  const { spec } = clusterNow(world) ?? {};
  if (spec === undefined || spec.instances < 2) return undefined;
  const { random } = world.sim;
  const synchronous = random.chance(0.15)
    ? null
    : {
        method: random.pick(['any', 'first']),
        number: random.whole(1, Math.min(3, spec.instances)),
        dataDurability: random.pick(['required', 'required', 'preferred']),
      };
  patch(world.api.store, 'clusters', clusterName, { spec: { postgresql: { synchronous } } });
  return undefined;
}

const anyPod = (world: World): string | undefined => {
  const names = [...world.pods.keys()];
  return names.length === 0 ? undefined : world.sim.random.pick(names);
};

export function deletePod(world: World): End {
  const name = anyPod(world);
  if (name !== undefined) remove(world.api.store, 'pods', name, { now: timestamp(world) });
  return undefined;
}

/** kubectl drain: the machine takes no pods any more, and its pods are deleted. */
export function drain(world: World): End {
  const name = anyPod(world);
  const machine = name === undefined ? undefined : world.pods.get(name)?.machine;
  if (name === undefined || machine === undefined) return undefined;
  world.cordoned.add(machine.name);
  patch(world.api.store, 'nodes', machine.name, { spec: { unschedulable: true } });
  const standby = world.disks.get(name)?.standby === true;
  // The budget of the primary holds its eviction up; those who do not ask delete it all the same.
  if (standby || world.sim.random.chance(0.3)) remove(world.api.store, 'pods', name, { now: timestamp(world) });
  return () => {
    world.cordoned.delete(machine.name);
    patch(world.api.store, 'nodes', machine.name, { spec: { unschedulable: null } });
  };
}
