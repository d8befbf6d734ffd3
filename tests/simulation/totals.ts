import type { Failure } from './checks/checks.ts';
import type { Outcome } from './run.ts';

/** What came of many schedules. */
export interface Totals {
  readonly schedules: number;
  readonly steps: number;
  /** Steps of the shortest schedule that was played to its end. */
  readonly leastSteps: number;
  readonly virtualMs: number;
  readonly passes: number;
  readonly promotions: number;
  readonly acknowledgements: number;
  readonly thawed: number;
  readonly failures: readonly FailedSeed[];
}

export interface FailedSeed extends Failure {
  readonly seed: number;
}

export const noTotals: Totals = {
  ...{ schedules: 0, steps: 0, leastSteps: Number.POSITIVE_INFINITY, virtualMs: 0, passes: 0, promotions: 0 },
  ...{ acknowledgements: 0, thawed: 0, failures: [] },
};

/** At most so many failures are kept: one defect makes many. */
const mostFailures = 50;

export function added(totals: Totals, outcome: Outcome): Totals {
  const { failure, seed } = outcome;
  return joined(totals, {
    ...outcome,
    schedules: 1,
    leastSteps: failure === undefined ? outcome.steps : Number.POSITIVE_INFINITY,
    failures: failure === undefined ? [] : [{ ...failure, seed }],
  });
}

export function joined(a: Totals, b: Totals): Totals {
  return {
    schedules: a.schedules + b.schedules,
    steps: a.steps + b.steps,
    leastSteps: Math.min(a.leastSteps, b.leastSteps),
    virtualMs: a.virtualMs + b.virtualMs,
    passes: a.passes + b.passes,
    promotions: a.promotions + b.promotions,
    acknowledgements: a.acknowledgements + b.acknowledgements,
    thawed: a.thawed + b.thawed,
    failures: a.failures.length === 0 ? b.failures : [...a.failures, ...b.failures].slice(0, mostFailures),
  };
}
