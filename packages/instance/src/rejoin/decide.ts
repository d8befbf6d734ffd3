/**
 * How a former primary comes back as a standby.
 *
 *   own WAL ends before the branch        -> follow: nothing to undo
 *   diverged, pg_rewind is there          -> rehearse (changes nothing) -> rewind
 *   no pg_rewind, or it cannot do it      -> copy beside the old data, which goes when the copy is complete
 *   no room for both                      -> copy, the old data first, where that is safe
 *   no room at all, or not safe           -> blocked until there is room or a person has acted
 *
 * Each step adds a fact to the view and none takes one back, so a rejoin is decided in four rounds at most, and a
 * pg_rewind that fails is followed by a copy and never by another pg_rewind.
 *
 * Invariant: whole data is removed before its replacement is complete only while the primary descends from its
 * timeline: that primary has every record up to the branch, and what lies after the branch is lost in any case.
 *
 * A rewind, and a copy that removes the old data first, leave a mark before they begin. A crash leaves the mark, and
 * with it data that nobody may start: the next rejoin finds it and makes a fresh copy.
 */
import type { Divergence } from './divergence.ts';
import type { RewindTool } from './tool.ts';

export interface RejoinView {
  readonly podName: string;
  readonly primary: string;
  readonly divergence: Divergence;
  /** Whether an earlier rejoin was cut off, so that the data directory is not whole any more. */
  readonly cutOff: boolean;
  readonly tool: RewindTool;
  readonly space: RejoinSpace;
  readonly rehearsal: Rehearsal | undefined;
  /** Why pg_rewind failed after a rehearsal that went well; the data is not whole then. */
  readonly rewindFailure: string | undefined;
}

export interface RejoinSpace {
  /** Bytes that can be written on the volume of the data. */
  readonly free: number;
  /** Bytes that the data directory takes now. */
  readonly own: number;
  /** Bytes of the primary's databases: what a copy takes. */
  readonly copy: number;
  /** Tablespaces have volumes of their own, so that `copy` says too much of this one. */
  readonly tablespaces: boolean;
}

/** What `pg_rewind --dry-run` said. */
export type Rehearsal =
  | { readonly kind: 'possible'; readonly bytes: number }
  | { readonly kind: 'impossible'; readonly reason: string };

export type RejoinPlan =
  | { readonly kind: 'follow'; readonly message: string }
  | { readonly kind: 'rehearse'; readonly program: string }
  | { readonly kind: 'rewind'; readonly program: string; readonly message: string }
  | { readonly kind: 'copy'; readonly order: 'copy first' | 'old data first'; readonly message: string }
  | { readonly kind: 'blocked'; readonly message: string };

/** Room beside the data itself, for WAL that is written meanwhile. */
export const reserveBytes = 256 * 1024 * 1024;
/** The least of it without which a copy cannot end well. */
const leastReserveBytes = 64 * 1024 * 1024;

export function decideRejoin(view: RejoinView): RejoinPlan {
  const { podName, primary, divergence, cutOff } = view;
  if (!cutOff && divergence.kind === 'none') {
    return {
      kind: 'follow',
      message: `${podName} has nothing that ${primary} never got: it follows with its data as it is`,
    };
  }
  if (cutOff) {
    const failure = view.rewindFailure === undefined ? undefined : `pg_rewind failed: ${view.rewindFailure}`;
    return planCopy(view, failure ?? 'an earlier rejoin was cut off and its data is not whole');
  }
  const reason = divergence.kind === 'diverged' ? divergence.reason : '';
  const obstacle = rewindObstacle(view);
  if (obstacle !== undefined) return planCopy(view, `${reason}; ${obstacle}`);
  if (view.tool.kind !== 'usable') return planCopy(view, reason);
  if (view.rehearsal === undefined) return { kind: 'rehearse', program: view.tool.program };
  const took = view.rehearsal.kind === 'possible' ? view.rehearsal.bytes : 0;
  return {
    kind: 'rewind',
    program: view.tool.program,
    message: `${podName} is rewound to where ${primary} took over (${mebibytes(took)}): ${reason}`,
  };
}

/** Why pg_rewind cannot be used, undefined while nothing speaks against it. */
function rewindObstacle({ divergence, tool, rehearsal, space }: RejoinView): string | undefined {
  if (divergence.kind === 'diverged' && !divergence.descends) return 'pg_rewind needs a common timeline';
  if (tool.kind === 'missing') return 'there is no pg_rewind';
  if (tool.kind === 'other version') {
    return `${tool.program} is of version ${tool.found}, and the data of version ${tool.wanted}`;
  }
  if (rehearsal?.kind === 'impossible') return `pg_rewind cannot do it: ${rehearsal.reason}`;
  if (rehearsal !== undefined && space.free < rehearsal.bytes + leastReserveBytes) {
    return `pg_rewind takes up to ${mebibytes(rehearsal.bytes)} and the volume has ${mebibytes(space.free)}`;
  }
  return undefined;
}

function planCopy(view: RejoinView, reason: string): RejoinPlan {
  const { podName, primary, space, divergence, cutOff } = view;
  const message = `${podName} is replaced by a fresh copy of ${primary} (${mebibytes(space.copy)}): ${reason}`;
  if (space.free >= space.copy + reserveBytes) return { kind: 'copy', order: 'copy first', message };
  const numbers = `a copy of ${primary} takes ${mebibytes(space.copy)}, the volume has ${mebibytes(space.free)}`;
  const remedy = `raise spec.storage.size, or delete the pod and the PVCs of ${podName} to have it made anew`;
  // Data that is not whole is worth nothing to anybody.
  const safe = cutOff || divergence.kind === 'none' || divergence.descends;
  if (!safe) {
    return {
      kind: 'blocked',
      message: `${podName} cannot rejoin: ${reason}. Nothing is removed, and for both there is no room: ${numbers}; ${remedy}`,
    };
  }
  if (!space.tablespaces && space.free + space.own < space.copy + leastReserveBytes) {
    const rest = `and ${mebibytes(space.own)} more without the old data`;
    return {
      kind: 'blocked',
      message: `${podName} cannot rejoin, there is no room: ${numbers} ${rest}; ${remedy} (${reason})`,
    };
  }
  return {
    kind: 'copy',
    order: 'old data first',
    message: `${message}; there is no room for both, the old data goes first`,
  };
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MiB`;
}
