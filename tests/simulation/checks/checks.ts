/**
 * What must hold in every run, checked at every step that could break it.
 *
 * - One writer: nothing is acknowledged by a server after another one with a later term could accept writes. The one
 *   exception is what a server that was frozen says in the moment between waking and being killed: it is counted. With
 *   synchronous replication required that can only be a commit which the new primary has.
 * - Nothing lost: a server that begins to write has every commit that was acknowledged with synchronous replication
 *   required; after a handover every commit at all.
 * - The best: an election names the instance that has the most WAL of those that report.
 * - No end: the same write is not made again and again.
 */
import { clusterPhases } from '@matriarch/api';
import type { InstanceStep } from '../../../packages/instance/src/primary/decide.ts';
import type { Plan } from '../../../packages/operator/src/cluster/actions.ts';
import type { Snapshot } from '../../../packages/operator/src/cluster/snapshot.ts';
import { note } from '../engine/simulation.ts';
import { clusterOf, type Manager } from '../instance/manager.ts';
import type { Operator } from '../operator/operator.ts';
import { isWritable, type Server } from '../postgres/server.ts';
import { type Branch, holds } from '../postgres/wal.ts';
import type { World } from '../world.ts';
import { checkNaming } from './naming.ts';
import { countWrites } from './repetition.ts';

export interface Checks {
  readonly failures: Failure[];
  acknowledgements: number;
  /** Said by a thawed server before it was killed. */
  thawed: number;
  promotions: number;
  readonly writes: Map<string, number>;
  opened(world: World, server: Server): void;
  promoted(): void;
  acknowledged(world: World, server: Server, lsn: number): void;
  streams(world: World, server: Server): void;
  decided(world: World, manager: Manager, step: InstanceStep): void;
  planned(world: World, operator: Operator, snapshot: Snapshot, plan: Plan): void;
}

export interface Failure {
  readonly rule: 'one writer' | 'nothing lost' | 'the best' | 'no end' | 'convergence' | 'quiet';
  readonly text: string;
}

/** After so long a thawed server must have been killed. */
const thawWindowMs = 600;

export function createChecks(): Checks {
  let leader: Server | undefined;
  /** Branches with commits that may not be lost, and with commits at all. */
  const durable = new Set<Branch>();
  const acked = new Map<Branch, number>();
  /** Who is about to become the primary without an election. */
  let planned = '';

  const checks: Checks = {
    ...{ failures: [], acknowledgements: 0, thawed: 0, promotions: 0, writes: new Map() },
    opened(world, server) {
      if (planned === server.instance && leader !== undefined && leader.disk !== server.disk) {
        checkHandover(world, server, leader);
      }
      planned = '';
      for (const other of world.servers) {
        if (other === server || !isWritable(other) || isFrozen(other)) continue;
        if (world.sim.now - wokeAt(world, other) < thawWindowMs) continue;
        fail(
          world,
          'one writer',
          `${server.instance} accepts writes in term ${server.term}, ${other.instance} still does in term ${other.term}`,
        );
      }
      if (leader === undefined || server.term >= leader.term) leader = server;
      checkLost(world, server);
    },
    promoted() {
      checks.promotions += 1;
    },
    acknowledged(world, server, lsn) {
      checks.acknowledgements += 1;
      if (leader !== undefined && leader !== server && leader.term >= server.term) {
        const text = `${server.instance} acknowledges ${lsn} in term ${server.term}, after ${leader.instance} in term ${leader.term}`;
        // What its standbys had confirmed before is in the new history, and may be told late.
        const { branch, written } = leader.disk;
        const isLost = server.durable && !holds({ branch, lsn: written }, server.disk.branch, lsn);
        if (isLost || world.sim.now - wokeAt(world, server) >= thawWindowMs) fail(world, 'one writer', text);
        else checks.thawed += 1;
        note(world.sim, 'check', () => text);
        return;
      }
      const { branch } = server.disk;
      acked.set(branch, lsn);
      if (!server.durable) return;
      branch.ackedDurably = lsn;
      durable.add(branch);
    },
    streams() {},
    decided(_world, manager, step) {
      if (step.kind === 'promote' || step.kind === 'start') planned = isHandover(manager) ? manager.name : '';
    },
    planned(world, operator, snapshot, plan) {
      const text = checkNaming(world, snapshot, plan);
      if (text) fail(world, 'the best', text);
      const repeated = countWrites(checks.writes, operator, plan);
      if (repeated) fail(world, 'no end', repeated);
    },
  };

  function fail(world: World, rule: Failure['rule'], text: string): void {
    checks.failures.push({ rule, text });
    note(world.sim, 'VIOLATION', () => `${rule}: ${text}`);
  }

  function checkLost(world: World, server: Server): void {
    const { branch, written } = server.disk;
    for (const other of durable) {
      if (holds({ branch, lsn: written }, other, other.ackedDurably)) continue;
      fail(
        world,
        'nothing lost',
        `${server.instance} begins without the commit ${other.ackedDurably} of branch ${other.id}`,
      );
    }
  }

  /** Nobody elected it, so it has whatever the primary before it acknowledged. */
  function checkHandover(world: World, server: Server, before: Server): void {
    const { branch, written } = server.disk;
    const last = acked.get(before.disk.branch);
    if (last === undefined || holds({ branch, lsn: written }, before.disk.branch, last)) return;
    fail(
      world,
      'nothing lost',
      `${server.instance} took over by handover without the commit ${last} of ${before.instance}`,
    );
  }

  return checks;
}

const isFrozen = (server: Server): boolean => server.actor.frozen > 0;

const wokeAt = (_world: World, server: Server): number => server.actor.thawedAt;

/** As the manager sees it: no election named this instance, and another one was the primary. */
function isHandover(manager: Manager): boolean {
  const { phase, currentPrimary = '' } = clusterOf(manager)?.status ?? {};
  return phase !== clusterPhases.failOver && currentPrimary !== '' && currentPrimary !== manager.name;
}
