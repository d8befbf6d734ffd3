import type { Cluster } from '@matriarch/api';
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { heldLease } from '../../packages/instance/src/lease/object.ts';
import { leaseTimings } from '../../packages/instance/src/reconcile/timings.ts';
import { type Base, baseOf } from './base.ts';
import { type Checks, createChecks } from './checks/checks.ts';
import type { Decisions } from './decisions.ts';
import { createMachine, type Machine } from './engine/machine.ts';
import { createNetwork, type Network } from './engine/network.ts';
import { createSimulation, type Simulation } from './engine/simulation.ts';
import { launch } from './instance/configuration.ts';
import { holdFromStart } from './instance/lease.ts';
import { startManager } from './instance/manager.ts';
import { type ApiServer, createApi, observe, startWatches } from './kubernetes/api.ts';
import { startJobs } from './kubernetes/jobs.ts';
import { admit, type PodRuntime, startKubelets, statusOf } from './kubernetes/kubelet.ts';
import { startService } from './kubernetes/service.ts';
import { create, read } from './kubernetes/store.ts';
import { type Operator, startOperator } from './operator/operator.ts';
import { createDisk, type Disk } from './postgres/disk.ts';
import type { Server } from './postgres/server.ts';
import { createBranch, firstPlace } from './postgres/wal.ts';
import type { Scenario } from './scenario.ts';

export const clusterName = 'prod';

export interface World {
  readonly sim: Simulation;
  readonly network: Network;
  readonly api: ApiServer;
  readonly decisions: Decisions;
  readonly scenario: Scenario;
  readonly base: Base;
  readonly checks: Checks;
  readonly machines: Map<string, Machine>;
  /** Machines that take no new pods. */
  readonly cordoned: Set<string>;
  readonly pods: Map<string, PodRuntime>;
  readonly disks: Map<string, Disk>;
  /** Runs of PostgreSQL that have not ended. */
  readonly servers: Set<Server>;
  /** Killed ones whose disk hangs. */
  readonly hanging: Set<Server>;
  readonly operators: Operator[];
  /** Ready pods with the label of the primary, as machines know them. */
  endpoints: readonly { readonly name: string; readonly uid: string }[];
  branches: number;
  addresses: number;
  runs: number;
  passes: number;
}

const epoch = Date.parse('2026-06-01T00:00:00Z');

export const wallClock = ({ sim }: World): number => epoch + Math.floor(sim.now);

export const timestamp = (world: World): string => new Date(wallClock(world)).toISOString().replace('Z', '000Z');

/** A healthy cluster, a moment before its first instance manager and the operator start to look. */
export function createWorld(
  seed: number,
  decisions: Decisions,
  scenarioOf: (sim: Simulation) => Scenario,
  trace: string[] | undefined,
): World {
  const sim = createSimulation(seed, trace);
  const scenario = scenarioOf(sim);
  const base = baseOf(scenario.spec);
  const machines = Array.from({ length: scenario.machines }, (_, index) => createMachine(sim, `node-${index + 1}`));
  const world: World = {
    ...{ sim, decisions, scenario, base, network: createNetwork(), api: createApi(), checks: createChecks() },
    machines: new Map(machines.map((machine) => [machine.name, machine])),
    ...{ cordoned: new Set<string>(), pods: new Map(), disks: new Map(), servers: new Set(), hanging: new Set() },
    ...{ operators: [], endpoints: [], branches: 1, addresses: 0, runs: 0, passes: 0 },
  };
  populate(world);
  startWatches(world);
  startService(world);
  startKubelets(world);
  startJobs(world);
  startOperator(world, 'operator-1', 'op-1');
  return world;
}

function populate(world: World): void {
  const { base, api } = world;
  const { store } = api;
  const branch = createBranch(1, undefined, 0);
  for (const machine of world.machines.values()) {
    create(store, 'nodes', { metadata: { name: machine.name }, spec: {} } as object);
  }
  const primary = base.cluster.status?.currentPrimary ?? '';
  const electorate = base.cluster.status?.instanceNames ?? [];
  const tenure = {
    holder: primary,
    timings: leaseTimings(base.cluster as Cluster),
    electorate,
    finalLsn: undefined,
    isPrimary: true,
  };
  create(store, 'leases', heldLease({ ...base.lease } as Lease, tenure, wallClock(world)));
  create(store, 'failoverQuorums', base.quorum);
  for (const claim of base.claims) create(store, 'persistentVolumeClaims', claim);
  const names = [...world.machines.keys()];
  for (const [index, pod] of base.pods.entries()) populatePod(world, pod, names[index] ?? '', { branch, primary });
  world.endpoints = [{ name: primary, uid: world.pods.get(primary)?.uid ?? '' }];
  const addresses = [...world.pods.values()].map(({ name, address }) => [
    name,
    { isPrimary: name === primary, ip: address },
  ]);
  const status = { ...base.cluster.status, instancesReportedState: Object.fromEntries(addresses) };
  create(store, 'clusters', { ...base.cluster, status } as Cluster);
  for (const pod of world.pods.values()) begin(world, pod, primary);
}

interface Start {
  readonly branch: ReturnType<typeof createBranch>;
  readonly primary: string;
}

function populatePod(world: World, pod: Pod, machineName: string, { branch, primary }: Start): void {
  const name = pod.metadata?.name ?? '';
  const machine = world.machines.get(machineName);
  if (machine === undefined) throw new Error(`there is no machine for ${name}`);
  world.disks.set(name, createDisk(name, machineName, branch, firstPlace, name !== primary));
  const runtime = admit(world, machine, pod);
  Object.assign(runtime, { container: 'running', ready: true });
  create(world.api.store, 'pods', {
    ...pod,
    spec: { ...pod.spec, nodeName: machineName },
    status: statusOf(runtime),
  } as Pod);
}

/** An instance in the middle of its work. */
function begin(world: World, pod: PodRuntime, primary: string): void {
  const disk = world.disks.get(pod.name);
  if (disk === undefined) return;
  const manager = startManager(world, pod, pod.machine, disk);
  pod.manager = manager;
  manager.leftoverSettled = true;
  const cluster = read<Cluster>(world.api.store, 'clusters', clusterName);
  if (cluster) observe(manager.watcher, 'clusters', cluster);
  if (pod.name === primary) holdFromStart(world, manager);
  launch(world, manager, world.base.cluster);
  if (manager.server) manager.server.state = 'running';
  if (manager.server?.primary) world.checks.opened(world, manager.server);
}
