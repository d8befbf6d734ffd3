import type { Gap } from './gaps.ts';
import type { System } from './system.ts';

/** One figure that a scenario gives. */
export interface Measure {
  readonly what: string;
  readonly unit: string;
  readonly target: string;
  readonly digits?: number;
}

/** One event, and what is measured around it. */
export interface Scenario {
  readonly name: string;
  /** Laid over the spec of a cluster with three instances. */
  readonly spec: Record<string, unknown>;
  /** By the keys of what `run` resolves to. */
  readonly measures: Readonly<Record<string, Measure>>;
  /** Plays it once on a healed cluster and leaves a cluster that heals; tells of each gap that it measures. */
  run(system: System, seen: (gap: Gap) => void): Promise<Readonly<Record<string, number>>>;
}

/** Synchronous replication to any one standby, without which no commit is acknowledged. */
export const synchronous = {
  postgresql: { synchronous: { method: 'any', number: 1, dataDurability: 'required' } },
} as const;

export const shortLease = {
  primaryLease: { leaseDurationSeconds: 6, renewDeadlineSeconds: 4, retryPeriodSeconds: 1 },
} as const;
