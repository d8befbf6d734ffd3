/** kill -9. */
import { until } from '../../../e2e/support/until.ts';
import { type ProcessKind, signalAll } from '../process-table.ts';
import type { World } from '../world.ts';
import type { Expectation, FaultKind } from './kind.ts';
import { instanceOf, operatorName, type Role } from './roles.ts';

const noticeLimitMs = 60_000;

/** A process of PostgreSQL, which takes all others of its server with it, or the manager above it. */
function killOne(what: string, process: ProcessKind, role: Role): FaultKind {
  const primary: Expectation = role === 'primary' ? 'may move' : 'stays';
  return {
    name: `kill -9 of ${what} of ${role === 'primary' ? 'the primary' : 'a standby'}`,
    group: 'kill',
    primary,
    async inject({ world, random, note }) {
      const instance = instanceOf(world, random, role);
      note(instance);
      let pids: number[] = [];
      await until(`${instance} has a ${process}`, noticeLimitMs, () => {
        pids = world.processesOf(instance, process).map(({ pid }) => pid);
        return pids.length > 0;
      });
      const isAnew = renewed(world, instance);
      signalAll([random.pick(pids.sort((a, b) => a - b))], 'SIGKILL');
      await until(`PostgreSQL of ${instance} starts again`, noticeLimitMs, isAnew);
    },
  };
}

/** Tells whether an instance runs another PostgreSQL than now. */
function renewed(world: World, instance: string): () => boolean {
  const pids = () => world.processesOf(instance, 'checkpointer').map(({ pid }) => pid);
  const old = new Set(pids());
  return () => pids().some((pid) => !old.has(pid));
}

function killPod(role: Role): FaultKind {
  return {
    name: `kill -9 of everything in the pod of ${role === 'primary' ? 'the primary' : 'a standby'}`,
    group: 'kill',
    primary: role === 'primary' ? 'may move' : 'stays',
    async inject({ world, random, note }) {
      const instance = instanceOf(world, random, role);
      note(instance);
      const isAnew = renewed(world, instance);
      signalAll(
        world.processesOf(instance).map(({ pid }) => pid),
        'SIGKILL',
      );
      await until(`${instance} starts again`, noticeLimitMs, isAnew);
    },
  };
}

async function killOperator(world: World): Promise<() => boolean> {
  const old = world.processesOf(operatorName(world), 'operator').map(({ pid }) => pid);
  signalAll(old, 'SIGKILL');
  return () => world.processes().some(({ pid, command }) => /operator\.mjs/.test(command) && !old.includes(pid));
}

const killTheOperator: FaultKind = {
  name: 'kill -9 of the operator',
  group: 'kill',
  primary: 'stays',
  async inject({ world, note }) {
    note(operatorName(world));
    await until('the operator starts again', noticeLimitMs, await killOperator(world));
  },
};

const killPrimaryAndOperator: FaultKind = {
  name: 'kill -9 of the pod of the primary and of the operator at once',
  group: 'kill',
  primary: 'may move',
  async inject({ world, note }) {
    const instance = world.view().currentPrimary;
    note(`${instance}, ${operatorName(world)}`);
    const isAnew = renewed(world, instance);
    signalAll(
      world.processesOf(instance).map(({ pid }) => pid),
      'SIGKILL',
    );
    const operatorIsAnew = await killOperator(world);
    await until('both start again', noticeLimitMs, () => isAnew() && operatorIsAnew());
  },
};

export const kills: readonly FaultKind[] = [
  killOne('postgres', 'postmaster', 'primary'),
  killOne('postgres', 'postmaster', 'standby'),
  killOne('a client backend', 'backend', 'primary'),
  killOne('the checkpointer', 'checkpointer', 'primary'),
  killOne('a WAL sender', 'walsender', 'primary'),
  killOne('the WAL receiver', 'walreceiver', 'standby'),
  killOne('the startup process', 'startup', 'standby'),
  killOne('the manager', 'manager', 'primary'),
  killOne('the manager', 'manager', 'standby'),
  killPod('primary'),
  killPod('standby'),
  killTheOperator,
  killPrimaryAndOperator,
];
