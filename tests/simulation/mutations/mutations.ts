/**
 * Deliberate defects of the decisions, each small enough to slip in by mistake. A test plays every one and expects the
 * simulation to catch it; docs/simulation.md tells of them.
 */
import { type Decisions, realDecisions } from '../decisions.ts';
import { instanceMutations } from './instance.ts';
import { leaseMutations } from './lease.ts';
import { operatorMutations } from './operator.ts';

export interface Change {
  readonly name: string;
  /** What is wrong with it. */
  readonly what: string;
  readonly changed: Partial<Decisions>;
  /** The faults that it takes; undefined = all, as in any schedule. */
  readonly faults?: readonly string[];
  /** The first seed that is tried: what shows once in some hundred seeds is not searched for each time. */
  readonly from?: number;
}

export interface Mutation extends Change {
  readonly decisions: Decisions;
}

export const mutations: readonly Mutation[] = [...leaseMutations, ...instanceMutations, ...operatorMutations].map(
  (change) => ({ ...change, decisions: { ...realDecisions, ...change.changed } }),
);
