import type { Restraint } from './space/levels.ts';
import type { SpaceReport } from './space/report.ts';

/** What the manager is doing, as the status, the probes and the metrics tell it. */
export interface ManagerState {
  /** The data directory is being made a standby's again (pg_rewind, or a fresh copy). */
  readonly rewinding: boolean;
  readonly fenced: boolean;
  /** PostgreSQL is stopped for a moment by our own will. */
  readonly restarting: boolean;
  readonly upgrading: boolean;
  /** PostgreSQL works with a primary's data, or is being promoted: it may write only with the right to. */
  readonly writing: boolean;
  /** PostgreSQL of this primary was ended because nobody could be reached. */
  readonly isolated: boolean;
  /** PostgreSQL ended by itself, and this process is about to follow it. */
  readonly ended: boolean;
  /** As a standby: the manager of the primary does not answer. */
  readonly primaryUnreachable: boolean;
  /** As a standby: it has WAL beyond the place where the primary branched off. */
  readonly diverged: boolean;
  /** As a standby: time of the `pending` target since which no more WAL is received. */
  readonly targetSeen: string | undefined;
  /** The last thing that kept the instance from starting or going on, for status and logs. */
  readonly problem: string | undefined;
  /** What has not answered for long: PostgreSQL, or a volume. */
  readonly unresponsive: string | undefined;
  /** What clients may do, for the sake of the free space. */
  readonly restraint: Restraint;
  /** Which volume is short of space; undefined while none is. */
  readonly space: SpaceReport | undefined;
}

export interface StateHolder {
  readonly current: ManagerState;
  update(change: Partial<ManagerState>): void;
  onChange(listener: () => void): () => void;
}

export function createState(): StateHolder {
  let current: ManagerState = {
    rewinding: false,
    fenced: false,
    restarting: false,
    upgrading: false,
    writing: false,
    isolated: false,
    ended: false,
    primaryUnreachable: false,
    diverged: false,
    targetSeen: undefined,
    problem: undefined,
    unresponsive: undefined,
    restraint: 'none',
    space: undefined,
  };
  const listeners = new Set<() => void>();
  return {
    get current() {
      return current;
    },
    update(change) {
      const next = { ...current, ...change };
      const same = (Object.keys(next) as (keyof ManagerState)[]).every((key) => next[key] === current[key]);
      if (same) return;
      current = next;
      for (const listener of listeners) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** While this holds, PostgreSQL being away is no fault. */
export function mightBeUnavailable(state: ManagerState): boolean {
  return state.fenced || state.restarting;
}
