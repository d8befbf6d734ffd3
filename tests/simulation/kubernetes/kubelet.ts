/**
 * Pods on their machines: the scheduler binds them to where their volume is, the kubelet starts and restarts their
 * container, tells what it sees a little later, and lets a deleted pod go when its container has ended.
 */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Machine } from '../engine/machine.ts';
import { type Actor, after, createActor, type Entry, endActor, note } from '../engine/simulation.ts';
import { endManager, type Manager, startManager, terminate } from '../instance/manager.ts';
import { breakStreams } from '../operator/pool.ts';
import { type World, wallClock } from '../world.ts';
import { isRefused, request } from './api.ts';
import { patch, read, remove } from './store.ts';

export interface PodRuntime {
  readonly name: string;
  readonly uid: string;
  readonly machine: Machine;
  readonly address: string;
  readonly watchdog: Actor;
  manager: Manager | undefined;
  /** What the kubelet sees of the container. */
  container: 'waiting' | 'running' | 'ended';
  ready: boolean;
  restarts: number;
  startedAt: number;
  exitCode: number;
  finishedAt: string;
  terminating: boolean;
  /** Time on the machine's clock until which PostgreSQL may run as a primary. */
  deadline: number;
  watching: boolean;
  readonly onEnd: (code: number) => void;
  readonly onServer: () => void;
  probe: Entry | undefined;
  publishing: boolean;
  dirty: boolean;
}

/** Called once: pods are run as the API server has them. */
export function startKubelets(world: World): void {
  world.api.store.listeners.push(({ kind, name, object }) => {
    if (kind !== 'pods') return;
    const pod = object as Pod | undefined;
    if (pod === undefined) return releaseClaims(world, name);
    const machine = world.machines.get(pod.spec?.nodeName ?? '');
    if (machine === undefined) return schedule(world, name);
    after(world.sim, machine.kubelet, world.sim.random.between(5, 120), () => sync(world, machine, name));
  });
}

/** Volumes do not move, so neither do pods; a machine that takes no pods lets them wait. */
function schedule(world: World, name: string): void {
  const disk = world.disks.get(name);
  if (disk === undefined) return;
  after(world.sim, undefined, world.sim.random.between(5, 60), () => {
    const pod = read<Pod>(world.api.store, 'pods', name);
    if (pod === undefined || pod.spec?.nodeName) return;
    if (world.cordoned.has(disk.machine)) {
      const unfit = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }];
      patch(world.api.store, 'pods', name, { status: { phase: 'Pending', conditions: unfit } });
      after(world.sim, undefined, 1000, () => schedule(world, name));
      return;
    }
    patch(world.api.store, 'pods', name, { spec: { nodeName: disk.machine }, status: { phase: 'Pending' } });
  });
}

/** What the kubelet of a machine does about one pod. */
export function sync(world: World, machine: Machine, name: string) {
  const pod = read<Pod>(world.api.store, 'pods', name);
  if (pod === undefined || pod.spec?.nodeName !== machine.name) return;
  let runtime = world.pods.get(name);
  if (runtime?.uid !== pod.metadata?.uid) {
    if (runtime) discard(world, runtime);
    if (pod.metadata?.deletionTimestamp) return remove_(world, machine, name, pod.metadata.uid ?? '');
    runtime = admit(world, machine, pod);
    startContainer(world, runtime, world.sim.random.between(50, 500));
  }
  if (!pod.metadata?.deletionTimestamp || runtime === undefined || runtime.terminating) return;
  runtime.terminating = true;
  if (runtime.container !== 'running') return remove_(world, machine, name, runtime.uid);
  if (runtime.manager) terminate(world, runtime.manager);
}

export function admit(world: World, machine: Machine, pod: Pod): PodRuntime {
  const name = pod.metadata?.name ?? '';
  world.addresses += 1;
  const runtime: PodRuntime = {
    ...{
      name,
      uid: pod.metadata?.uid ?? '',
      machine,
      address: `10.0.${world.addresses >> 8}.${world.addresses & 255}`,
    },
    ...{ watchdog: createActor(`${name}/watchdog`), manager: undefined, container: 'waiting', ready: false },
    ...{ restarts: 0, startedAt: 0, exitCode: 0, finishedAt: '', terminating: false },
    ...{ deadline: Number.NEGATIVE_INFINITY, watching: false, probe: undefined, publishing: false, dirty: false },
    onEnd: (code) => containerEnded(world, runtime, code),
    onServer: () => probeSoon(world, runtime),
  };
  world.pods.set(name, runtime);
  return runtime;
}

function startContainer(world: World, runtime: PodRuntime, ms: number): void {
  after(world.sim, runtime.machine.kubelet, ms, () => {
    const disk = world.disks.get(runtime.name);
    if (runtime.terminating || disk === undefined || world.pods.get(runtime.name) !== runtime) return;
    runtime.container = 'running';
    runtime.startedAt = world.sim.now;
    runtime.watching = false;
    runtime.manager = startManager(world, runtime, runtime.machine, disk);
    publish(world, runtime);
  });
}

function containerEnded(world: World, runtime: PodRuntime, code: number): void {
  const { manager, machine } = runtime;
  if (manager) breakStreams(world, manager);
  runtime.exitCode = code;
  runtime.finishedAt = `${new Date(wallClock(world)).toISOString().slice(0, 19)}Z`;
  after(world.sim, machine.kubelet, world.sim.random.between(5, 1000), () => {
    if (world.pods.get(runtime.name) !== runtime || runtime.manager !== manager) return;
    runtime.container = 'ended';
    runtime.ready = false;
    if (runtime.terminating) return remove_(world, machine, runtime.name, runtime.uid);
    publish(world, runtime);
    if (world.sim.now - runtime.startedAt > 60_000) runtime.restarts = 0;
    const backoff = runtime.restarts === 0 ? 50 : Math.min(20_000, 5000 * 2 ** (runtime.restarts - 1));
    runtime.restarts += 1;
    startContainer(world, runtime, backoff + world.sim.random.between(10, 300));
  });
}

/** The pod object goes, again and again until the API server has heard it. */
function remove_(world: World, machine: Machine, name: string, uid: string): void {
  const client = { actor: machine.kubelet, place: machine.name };
  request(
    world,
    client,
    5000,
    (store) => remove(store, 'pods', name, { uid }),
    (result) => {
      if (isRefused(result) && result.refusal === 'no answer') {
        after(world.sim, machine.kubelet, 500, () => remove_(world, machine, name, uid));
      } else if (world.pods.get(name)?.uid === uid) world.pods.delete(name);
    },
  );
}

/** A pod that was forced away or replaced: what still runs of it is ended. */
function discard(world: World, runtime: PodRuntime): void {
  note(world.sim, runtime.machine.kubelet.name, () => `ends what is left of ${runtime.name}`);
  runtime.terminating = true;
  if (runtime.manager) endManager(world, runtime.manager, 137);
  endActor(runtime.watchdog);
  world.pods.delete(runtime.name);
}

/** Ready at once when the server accepts; not ready after some failed probes. */
function probeSoon(world: World, runtime: PodRuntime): void {
  const { sim } = world;
  const accepts = runtime.manager?.server?.state === 'running';
  if (accepts === runtime.ready) return;
  if (runtime.probe?.run) {
    if (!accepts) return;
    runtime.probe.run = undefined;
  }
  runtime.probe = after(
    sim,
    runtime.machine.kubelet,
    accepts ? sim.random.between(5, 300) : sim.random.between(1000, 10_000),
    () => {
      runtime.probe = undefined;
      const now = runtime.container === 'running' && runtime.manager?.server?.state === 'running';
      if (now === runtime.ready) return;
      runtime.ready = now;
      publish(world, runtime);
    },
  );
}

/** Tells the API server what the kubelet sees, until it has heard it. */
export function publish(world: World, runtime: PodRuntime): void {
  if (runtime.publishing) {
    runtime.dirty = true;
    return;
  }
  runtime.publishing = true;
  runtime.dirty = false;
  const { machine, name, uid } = runtime;
  const status = statusOf(runtime);
  request(
    world,
    { actor: machine.kubelet, place: machine.name },
    5000,
    (store) =>
      read(store, 'pods', name)?.metadata?.uid === uid
        ? patch(store, 'pods', name, { status })
        : { refusal: 'not found' },
    (result) => {
      runtime.publishing = false;
      const unheard = isRefused(result) && result.refusal === 'no answer';
      if (unheard) after(world.sim, machine.kubelet, 500, () => publish(world, runtime));
      else if (runtime.dirty) publish(world, runtime);
    },
  );
}

export function statusOf({
  container,
  ready,
  exitCode,
  finishedAt,
  restarts,
  address,
}: PodRuntime): NonNullable<Pod['status']> {
  const ended = { terminated: { exitCode, finishedAt } };
  const state =
    container === 'running'
      ? { running: {}, waiting: null, terminated: null }
      : { running: null, waiting: null, ...ended };
  const postgres = { name: 'postgres', ready, restartCount: restarts, state };
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  return { phase: 'Running', podIP: address, conditions, containerStatuses: [withoutNulls(postgres)] } as object;
}

/** Lists are replaced as a whole, so nothing has to be taken out of them. */
function withoutNulls<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (_key, part: unknown) => (part === null ? undefined : part))) as T;
}

/** A claim that was deleted goes when no pod uses it, and the data with it. */
export function releaseClaims(world: World, name: string): void {
  const claim = read(world.api.store, 'persistentVolumeClaims', name);
  if (!claim?.metadata?.deletionTimestamp) return;
  after(world.sim, undefined, world.sim.random.between(10, 300), () => {
    const { store } = world.api;
    const current = read(store, 'persistentVolumeClaims', name);
    if (!current?.metadata?.deletionTimestamp || read(store, 'pods', name)) return;
    const runtime = world.pods.get(name);
    if (runtime) discard(world, runtime);
    world.disks.delete(name);
    note(world.sim, 'volumes', () => `${name} is gone`);
    remove(store, 'persistentVolumeClaims', name, {});
  });
}
