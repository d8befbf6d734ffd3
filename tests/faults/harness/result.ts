import type { FaultGroup } from './kinds/kind.ts';

/** What one fault did. Times are milliseconds of this machine's clock, or lengths in milliseconds. */
export interface FaultResult {
  readonly number: number;
  readonly kind: string;
  readonly group: FaultGroup;
  /** Which objects it met, and for how long. */
  readonly about: string;
  readonly startedAt: number;
  /** Until everything was as it should be again; absent when it never was. */
  readonly healedMs: number | undefined;
  /** The longest time in which no client had an acknowledgement. */
  readonly outage: { readonly startedAt: number; readonly milliseconds: number };
  readonly acknowledged: number;
  /** Rows that were acknowledged and are not there. */
  readonly lost: number;
  /** Statements whose outcome their client does not know. */
  readonly unknown: number;
  /** Who was primary before and after. */
  readonly primaries: readonly [string, string];
  /** Two instances took writes that no standby had to confirm, for so long. */
  readonly overlapMs: number;
  /** Each is a defect. */
  readonly problems: readonly string[];
}

export interface RunResult {
  readonly seed: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly leftOut: readonly string[];
  readonly results: readonly FaultResult[];
}

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

/** One line of the run's output. */
export function lineOf(result: FaultResult, count: number): string {
  const [before, after] = result.primaries;
  const parts = [
    `outage ${seconds(result.outage.milliseconds)}`,
    result.healedMs === undefined ? 'not healed' : `healed after ${seconds(result.healedMs)}`,
    `${result.acknowledged} rows`,
    ...(before === after ? [] : [`primary ${before} -> ${after}`]),
    ...(result.overlapMs > 0 ? [`two took writes for ${Math.round(result.overlapMs)} ms`] : []),
    result.problems.length === 0 ? 'ok' : `DEFECT: ${result.problems.join('; ')}`,
  ];
  return `${String(result.number).padStart(4)}/${count} ${result.kind} (${result.about}): ${parts.join(', ')}`;
}
