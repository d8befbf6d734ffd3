/** SIGSTOP for a time that is bounded, then SIGCONT. */
import { signalAll } from '../process-table.ts';
import type { World } from '../world.ts';
import { type FaultKind, hold, type Length, type Stage, secondsOf } from './kind.ts';
import { instanceOf, operatorName, type Role } from './roles.ts';

interface Freeze {
  readonly what: string;
  readonly length: Length;
  readonly primary: FaultKind['primary'];
  /** Who is frozen, in words, and their processes. */
  target(stage: Stage): { readonly name: string; readonly pids: readonly number[] };
}

function freeze({ what, length, primary, target }: Freeze): FaultKind {
  return {
    name: `${what} frozen for ${length === 'short' ? 'less' : 'longer'} than the lease`,
    group: 'freeze',
    primary,
    async inject(stage) {
      const seconds = secondsOf(stage.random, length);
      const { name, pids } = target(stage);
      if (pids.length === 0) throw new Error(`${name} has no processes`);
      stage.note(`${name}, ${seconds} s`);
      signalAll(pids, 'SIGSTOP');
      await hold(seconds, () => signalAll(pids, 'SIGCONT'));
    },
  };
}

const wordsOf = { primary: 'the primary', standby: 'a standby' } as const;
const pidsOf = (processes: readonly { pid: number }[]) => processes.map(({ pid }) => pid);

/** The postmaster and all its children; the manager goes on. */
function freezePostgres(role: Role, length: Length): FaultKind {
  return freeze({
    what: `PostgreSQL of ${wordsOf[role]}`,
    length,
    primary: role === 'primary' && length === 'long' ? 'may move' : 'stays',
    target({ world, random }) {
      const name = instanceOf(world, random, role);
      return { name, pids: pidsOf(world.processesOf(name).filter(({ command }) => command.startsWith('postgres'))) };
    },
  });
}

/** The postmaster alone: backends go on, new connections are not answered. */
function freezePostmaster(length: Length): FaultKind {
  return freeze({
    what: 'the postmaster of the primary',
    length,
    primary: length === 'long' ? 'may move' : 'stays',
    target({ world }) {
      const name = world.view().currentPrimary;
      return { name, pids: pidsOf(world.processesOf(name, 'postmaster')) };
    },
  });
}

function freezeManager(role: Role, length: Length): FaultKind {
  return freeze({
    what: `the manager of ${wordsOf[role]}`,
    length,
    primary: role === 'primary' && length === 'long' ? 'may move' : 'stays',
    target({ world, random }) {
      const name = instanceOf(world, random, role);
      return { name, pids: pidsOf(world.processesOf(name, 'manager')) };
    },
  });
}

function freezePod(role: Role, length: Length): FaultKind {
  return freeze({
    what: `the whole pod of ${wordsOf[role]}`,
    length,
    primary: role === 'primary' && length === 'long' ? 'may move' : 'stays',
    target({ world, random }) {
      const name = instanceOf(world, random, role);
      return { name, pids: pidsOf(world.processesOf(name)) };
    },
  });
}

/** Every pod on the node of the primary, whatever else runs there. */
function freezeNode(length: Length): FaultKind {
  return freeze({
    what: 'everything on the node of the primary',
    length,
    primary: length === 'long' ? 'may move' : 'stays',
    target({ world }) {
      const { node, pods } = nodeOf(world, world.view().currentPrimary);
      return { name: node, pids: pidsOf(world.processes().filter(({ pod }) => pods.includes(pod))) };
    },
  });
}

function nodeOf(world: World, instance: string): { node: string; pods: string[] } {
  const { instances, operator } = world.view();
  const { node } = world.instance(instance);
  const pods = instances.filter((one) => one.node === node).map(({ name }) => name);
  return { node, pods: operator?.node === node ? [...pods, operator.name] : pods };
}

const freezeOperator = freeze({
  what: 'the operator',
  length: 'long',
  primary: 'stays',
  target({ world }) {
    const name = operatorName(world);
    return { name, pids: pidsOf(world.processesOf(name)) };
  },
});

/** The API server, and with it the Service network and the kubelets, which are the same process. */
function freezeControlPlane(length: Length): FaultKind {
  return freeze({
    what: 'the API server and the Service network',
    length,
    primary: 'stays',
    target: ({ world }) => ({ name: 'matriarch up', pids: [world.matriarch.process.pid ?? 0] }),
  });
}

export const freezes: readonly FaultKind[] = [
  freezePostgres('primary', 'short'),
  freezePostgres('primary', 'long'),
  freezePostgres('standby', 'long'),
  freezePostmaster('long'),
  freezeManager('primary', 'short'),
  freezeManager('primary', 'long'),
  freezeManager('standby', 'long'),
  freezePod('primary', 'short'),
  freezePod('primary', 'long'),
  freezePod('standby', 'long'),
  freezeNode('short'),
  freezeNode('long'),
  freezeOperator,
  freezeControlPlane('short'),
  freezeControlPlane('long'),
];
