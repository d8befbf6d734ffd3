/** One schedule: a healthy cluster, clients, faults, and the time to become healthy again. */
import type { Cluster } from '@matriarch/api';
import { clusterPhases } from '@matriarch/api';
import type { Failure } from './checks/checks.ts';
import { startWriter } from './client.ts';
import { type Decisions, realDecisions } from './decisions.ts';
import { advance } from './engine/simulation.ts';
import { planFaults } from './faults/faults.ts';
import { read } from './kubernetes/store.ts';
import { drawScenario } from './scenario.ts';
import { clusterName, createWorld, type World } from './world.ts';

export interface Outcome {
  readonly seed: number;
  readonly steps: number;
  readonly virtualMs: number;
  readonly passes: number;
  readonly promotions: number;
  readonly acknowledgements: number;
  readonly thawed: number;
  readonly failure: Failure | undefined;
}

/** After the last fault a cluster must be healthy within this time. */
const healLimitMs = 240_000;
const leastSteps = 200;
const mostSteps = 30_000;

export interface Play {
  readonly decisions?: Decisions;
  /** Which faults are drawn; undefined = all. */
  readonly faults?: readonly string[] | undefined;
  /** Takes the lines of the story. */
  readonly trace?: string[];
}

export function runSchedule(seed: number, { decisions = realDecisions, faults, trace }: Play = {}): Outcome {
  const world = createWorld(seed, decisions, drawScenario, trace);
  const { sim, checks } = world;
  trace?.push(`schedule ${seed}: ${JSON.stringify(world.scenario.spec)}`);
  const pause = () => (sim.random.chance(0.25) ? sim.random.between(20, 200) : sim.random.between(500, 3500));
  const writers = [startWriter(world, 1, pause), startWriter(world, 2, pause)];
  const over = planFaults(world, faults);
  while (sim.now < over && sim.steps < mostSteps && checks.failures.length === 0) advance(sim, over);
  const limit = Math.max(sim.now, over) + healLimitMs;
  let next = sim.now;
  for (;;) {
    if (checks.failures.length > 0) break;
    if (sim.now >= next) {
      next = sim.now + 200;
      const problem = problemOf(world) ?? (writers.every(({ lastAt }) => lastAt > over) ? undefined : 'clients wait');
      if (problem === undefined && sim.steps >= leastSteps) break;
      if (sim.now >= limit || sim.steps >= mostSteps) {
        checks.failures.push({ rule: 'convergence', text: problem ?? 'too few steps' });
        break;
      }
    }
    advance(sim, next);
  }
  return outcomeOf(world, seed);
}

function outcomeOf({ sim, checks, passes }: World, seed: number): Outcome {
  return {
    ...{ seed, steps: sim.steps, virtualMs: sim.now, passes },
    ...{ promotions: checks.promotions, acknowledgements: checks.acknowledgements, thawed: checks.thawed },
    failure: checks.failures[0],
  };
}

/** What is not as it should be once everything is over. */
export function problemOf(world: World): string | undefined {
  const cluster = read<Cluster>(world.api.store, 'clusters', clusterName);
  const { phase, phaseReason = '', currentPrimary = '', targetPrimary } = cluster?.status ?? {};
  if (phase !== clusterPhases.healthy) return `the phase is ${phase} (${phaseReason})`;
  if (currentPrimary !== targetPrimary) return `${targetPrimary} is to be the primary, ${currentPrimary} is`;
  const wanted = cluster?.spec.instances ?? 0;
  if (world.pods.size !== wanted) return `${world.pods.size} pods of ${wanted}`;
  const primary = world.pods.get(currentPrimary)?.manager?.server;
  if (primary?.state !== 'running' || !primary.primary) return `${currentPrimary} does not accept writes`;
  for (const pod of world.pods.values()) {
    const server = pod.manager?.server;
    if (server === primary) continue;
    if (server?.state !== 'running') return `${pod.name} does not run`;
    if (server.receiver?.primary !== primary) return `${pod.name} does not receive WAL`;
  }
  return undefined;
}
