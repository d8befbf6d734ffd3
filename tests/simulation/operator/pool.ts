/** What an operator hears of the instances (packages/operator/src/instances): the last report, or how long it is silent. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import {
  decisiveParts,
  type InstanceReport,
  type Observation,
} from '../../../packages/operator/src/instances/report.ts';
import { reaches, transit } from '../engine/network.ts';
import { after } from '../engine/simulation.ts';
import type { Manager } from '../instance/manager.ts';
import { reportOf, tell } from '../instance/report.ts';
import type { World } from '../world.ts';
import { enqueue, type Operator } from './operator.ts';

export interface Followed {
  readonly uid: string;
  report: InstanceReport | undefined;
  failed: boolean;
  failingSince: number | undefined;
  /** The last report was the last word of a manager whose PostgreSQL ended. */
  ended: boolean;
}

const graceMs = 3000;
const silenceMs = 3000;

/** Opens and closes streams so that they fit the pods. */
export function followPods(world: World, operator: Operator, pods: readonly Pod[]): void {
  const wanted = new Map(pods.map((pod) => [pod.metadata?.name ?? '', pod]));
  for (const [name, entry] of operator.followed) {
    if (wanted.get(name)?.metadata?.uid !== entry.uid) operator.followed.delete(name);
  }
  for (const [name, pod] of wanted) {
    const uid = pod.metadata?.uid ?? '';
    if (!pod.status?.podIP || operator.followed.has(name)) continue;
    operator.followed.set(name, { uid, report: undefined, failed: false, failingSince: world.sim.now, ended: false });
    connect(world, operator, name, uid);
  }
}

/** Tries to reach a manager until it answers. */
function connect(world: World, operator: Operator, name: string, uid: string): void {
  const { sim } = world;
  after(sim, operator.actor, sim.random.between(5, 60), () => {
    const entry = operator.followed.get(name);
    if (entry?.uid !== uid || entry.report !== undefined) return;
    const manager = world.pods.get(name)?.manager;
    const there = manager?.pod.uid === uid && manager.actor.alive && manager.actor.frozen === 0;
    if (there && reaches(world.network, operator.place, manager.machine.name)) {
      tell(world, manager, operator, reportOf(world, manager));
      return;
    }
    fail(world, operator, name);
    after(sim, operator.actor, 900, () => connect(world, operator, name, uid));
  });
}

export function receiveReport(world: World, operator: Operator, manager: Manager, report: InstanceReport): void {
  const entry = operator.followed.get(manager.name);
  if (entry === undefined || entry.uid !== manager.pod.uid) return;
  const before = entry.report;
  entry.report = report;
  entry.ended = report.postgresqlEnded === true;
  entry.failed = false;
  entry.failingSince = undefined;
  const changed = before === undefined || parts(before) !== parts(report);
  if (changed) enqueue(world, operator);
}

const parts = (report: InstanceReport): string => decisiveParts({ kind: 'report', report });

function fail(world: World, operator: Operator, name: string): void {
  const entry = operator.followed.get(name);
  if (entry === undefined) return;
  const changed = entry.report !== undefined || !entry.failed;
  entry.report = undefined;
  entry.failed = true;
  if (changed) enqueue(world, operator);
  if (entry.failingSince !== undefined) return;
  entry.failingSince = world.sim.now;
  after(world.sim, operator.actor, graceMs + 10, () => {
    if (entry.failingSince !== undefined) enqueue(world, operator);
  });
}

/** The process behind the streams has ended: they break at once, or are found silent. */
export function breakStreams(world: World, manager: Manager): void {
  const { sim, network } = world;
  for (const operator of world.operators) {
    const near = manager.machine.up && reaches(network, manager.machine.name, operator.place);
    const { uid } = manager.pod;
    after(sim, operator.actor, near ? transit(sim) + 1 : silenceMs, () => {
      if (operator.followed.get(manager.name)?.uid !== uid) return;
      fail(world, operator, manager.name);
      connect(world, operator, manager.name, uid);
    });
  }
}

/** Something stands still or is cut off: silent streams are given up three seconds later. */
export function watchStreams(world: World): void {
  for (const operator of world.operators) {
    for (const name of operator.followed.keys()) {
      if (!isSilent(world, operator, name)) continue;
      after(world.sim, operator.actor, silenceMs, () => {
        const entry = operator.followed.get(name);
        if (entry === undefined || !isSilent(world, operator, name)) return;
        fail(world, operator, name);
        connect(world, operator, name, entry.uid);
      });
    }
  }
}

function isSilent(world: World, operator: Operator, name: string): boolean {
  const manager = world.pods.get(name)?.manager;
  if (manager === undefined) return false;
  return manager.actor.frozen > 0 || !reaches(world.network, manager.machine.name, operator.place);
}

export function observations(world: World, operator: Operator): Map<string, Observation> {
  const found = new Map<string, Observation>();
  for (const [name, { report, failed, failingSince, ended }] of operator.followed) {
    const longEnough = failingSince !== undefined && world.sim.now - failingSince >= graceMs;
    if (ended) found.set(name, { kind: 'ended' });
    else if (report?.unavailable !== undefined) found.set(name, { kind: 'unavailable', error: report.unavailable });
    else if (report) found.set(name, { kind: 'report', report });
    else found.set(name, longEnough && failed ? { kind: 'unreachable', error: 'silent' } : { kind: 'unknown' });
  }
  return found;
}
