/** Which faults there are, how often they come and how long they last. */
import type { Machine } from '../engine/machine.ts';
import { after, note } from '../engine/simulation.ts';
import type { PodRuntime } from '../kubernetes/kubelet.ts';
import type { World } from '../world.ts';
import * as network from './network.ts';
import * as operators from './operators.ts';
import type { End } from './processes.ts';
import * as processes from './processes.ts';
import * as user from './user.ts';

interface Fault {
  readonly name: string;
  readonly weight: number;
  /** Milliseconds, for those that do not end at once. */
  readonly lasts: readonly [number, number];
  readonly begin: (world: World) => End;
}

const moment = [0, 0] as const;
const some = [500, 16_000] as const;
const long = [2000, 32_000] as const;
/** Long enough for the node controller to act. */
const longest = [20_000, 60_000] as const;

/** More often than not the primary is hit. */
function somePod(world: World): PodRuntime | undefined {
  const { random } = world.sim;
  const pods = [...world.pods.values()];
  const primary = pods.find(({ manager }) => manager?.server?.primary);
  if (primary !== undefined && random.chance(0.6)) return primary;
  return pods.length === 0 ? undefined : random.pick(pods);
}

const onPod =
  (act: (world: World, pod: PodRuntime) => End) =>
  (world: World): End => {
    const pod = somePod(world);
    if (pod) note(world.sim, 'fault', () => `hits ${pod.name}`);
    return pod && act(world, pod);
  };

const onStandby =
  (act: (world: World, pod: PodRuntime) => End) =>
  (world: World): End => {
    const standbys = [...world.pods.values()].filter(({ manager }) => manager?.server?.primary === false);
    if (standbys.length === 0) return undefined;
    const pod = world.sim.random.pick(standbys);
    note(world.sim, 'fault', () => `hits ${pod.name}`);
    return act(world, pod);
  };

const onMachine =
  (act: (world: World, machine: Machine) => End) =>
  (world: World): End => {
    const machine = somePod(world)?.machine;
    if (machine) note(world.sim, 'fault', () => `hits ${machine.name}`);
    return machine && act(world, machine);
  };

const faults: readonly Fault[] = [
  { name: 'PostgreSQL is killed', weight: 8, lasts: moment, begin: onPod(processes.killPostgres) },
  { name: 'a container is killed', weight: 8, lasts: moment, begin: onPod(processes.killContainer) },
  { name: 'a manager is frozen', weight: 5, lasts: some, begin: onPod(processes.freezeManager) },
  { name: 'PostgreSQL is frozen', weight: 4, lasts: some, begin: onPod(processes.freezePostgres) },
  { name: 'a pod is frozen', weight: 5, lasts: some, begin: onPod(processes.freezePod) },
  { name: 'a machine is frozen', weight: 7, lasts: long, begin: onMachine(processes.freezeMachine) },
  { name: 'a machine loses power', weight: 6, lasts: long, begin: onMachine(processes.crashMachine) },
  { name: 'a disk hangs', weight: 3, lasts: some, begin: onPod(processes.hangDisk) },
  { name: 'a disk of a standby hangs', weight: 2, lasts: some, begin: onStandby(processes.hangDisk) },
  {
    name: 'a standby loses power',
    weight: 2,
    lasts: some,
    begin: onStandby((world, { machine }) => processes.crashMachine(world, machine)),
  },
  {
    name: 'a standby loses the others',
    weight: 2,
    lasts: some,
    begin: onStandby((world, { machine }) => network.cutPeers(world, machine)),
  },
  { name: 'a machine loses the control plane', weight: 3, lasts: longest, begin: onMachine(network.cutFromControl) },
  { name: 'a machine is cut off', weight: 8, lasts: long, begin: onMachine(network.isolateMachine) },
  { name: 'a machine is cut off from some', weight: 6, lasts: long, begin: onMachine(network.isolatePartly) },
  { name: 'a machine loses the API server', weight: 6, lasts: long, begin: onMachine(network.cutFromApi) },
  { name: 'a machine loses the operator', weight: 4, lasts: some, begin: onMachine(network.cutFromOperator) },
  { name: 'a machine loses the others', weight: 4, lasts: some, begin: onMachine(network.cutPeers) },
  { name: 'the operator loses the API server', weight: 3, lasts: some, begin: network.cutOperator },
  { name: 'the API server is away', weight: 5, lasts: long, begin: network.apiOutage },
  { name: 'the API server is slow', weight: 4, lasts: some, begin: network.slowApi },
  { name: 'the API server loses requests', weight: 5, lasts: some, begin: network.lossyApi },
  { name: 'watches are late', weight: 5, lasts: some, begin: network.lateWatches },
  { name: 'a watch is silent', weight: 5, lasts: moment, begin: network.silentWatch },
  { name: 'the operator restarts', weight: 5, lasts: moment, begin: operators.restartOperator },
  { name: 'another operator takes over', weight: 5, lasts: moment, begin: operators.takeOver },
  { name: 'a user promotes', weight: 8, lasts: moment, begin: user.promoteByUser },
  { name: 'a user fences', weight: 3, lasts: some, begin: user.fence },
  { name: 'a user scales', weight: 3, lasts: moment, begin: user.scale },
  { name: 'a user changes the synchronous settings', weight: 3, lasts: moment, begin: user.changeSynchronous },
  { name: 'a user deletes a pod', weight: 4, lasts: moment, begin: user.deletePod },
  { name: 'a user drains a machine', weight: 3, lasts: some, begin: user.drain },
];

function draw(world: World, choice: readonly Fault[]): Fault {
  let left = world.sim.random.between(
    0,
    choice.reduce((sum, { weight }) => sum + weight, 0),
  );
  for (const fault of choice) {
    left -= fault.weight;
    if (left < 0) return fault;
  }
  return choice[0] as Fault;
}

/** Plans the faults of a schedule, or some of those that are named; gives the time by which all of them are over. */
export function planFaults(world: World, names?: readonly string[]): number {
  const { sim } = world;
  const named = faults.filter(({ name }) => names?.includes(name)).map((fault) => ({ ...fault, weight: 1 }));
  const choice = names === undefined ? faults : named;
  const count = (names === undefined ? 1 : 2) + Math.floor(sim.random.next() ** 1.5 * 4);
  let over = 0;
  let at = sim.random.between(300, 3000);
  for (let index = 0; index < count; index += 1) {
    const fault = draw(world, choice);
    const ends = at + sim.random.between(fault.lasts[0], fault.lasts[1]) * (sim.random.chance(0.5) ? 0.3 : 1);
    after(sim, undefined, at, () => {
      note(
        sim,
        'fault',
        () => `${fault.name}${ends > sim.now ? ` for ${((ends - sim.now) / 1000).toFixed(1)} s` : ''}`,
      );
      const end = fault.begin(world);
      if (end === undefined) return;
      after(sim, undefined, ends - sim.now, () => {
        note(sim, 'fault', () => `over: ${fault.name}`);
        end();
      });
    });
    over = Math.max(over, ends);
    // Faults that meet are the interesting ones.
    at += sim.random.chance(0.6) ? sim.random.between(0, 2500) : sim.random.between(2000, 12_000);
  }
  return over;
}
