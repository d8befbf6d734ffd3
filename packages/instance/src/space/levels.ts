/**
 * How full a volume is, and what follows.
 *
 *   roomy --less than warnAt--> low --less than stopAt--> stopped --less than closeAt--> closed
 *   and back, one or more levels at once, when `releaseAt` of the level is there again.
 *
 * `available` is what PostgreSQL can still write: free bytes, and WAL segments made ahead. The limits grow with the speed
 * at which it shrinks, since ending sessions takes a moment; `releaseAt` is fixed when a level is entered, so that the pause
 * that follows a stop does not lift it; only that of `low` follows the speed.
 *
 * Invariant: the level is a function of what was measured; nothing is kept that a restart of the manager would lose, but
 * the releaseAt of the level, which is then taken from the limits at rest.
 */

export type Level = 'roomy' | 'low' | 'stopped' | 'closed';

const order: readonly Level[] = ['roomy', 'low', 'stopped', 'closed'];

export const isWorse = (a: Level, b: Level): boolean => order.indexOf(a) > order.indexOf(b);

export interface VolumeSpace {
  /** `PGDATA`, `WAL`, or the name of a tablespace. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** What nobody has taken yet. */
  readonly freeBytes: number;
  readonly availableBytes: number;
  readonly segmentBytes: number;
  /**
   * Whether PostgreSQL crashes when this one is full: it holds the WAL or the files of PGDATA. A full tablespace fails
   * statements and nothing else.
   */
  readonly vital: boolean;
}

export interface Sample {
  readonly atMs: number;
  readonly availableBytes: number;
}

export interface VolumeLevel {
  readonly level: Level;
  /** So much must be available for a better level. */
  readonly releaseAt: number;
  readonly samples: readonly Sample[];
  readonly enteredMs: number;
  /** As `stopped`: what was available when the stop had had its time. */
  readonly settledBytes?: number;
}

export const unmeasured: VolumeLevel = { level: 'roomy', releaseAt: 0, samples: [], enteredMs: 0 };

const mebibyte = 2 ** 20;
const recentMs = 3000;
const settleMs = 2000;
const historyMs = 60_000;
/** A burst of a moment says nothing of the next minute. */
const leastHistoryMs = 10_000;

/** Between seeing it and the end of the sessions that write: two looks, and the ending itself on a loaded machine. */
const reactionSeconds = 3;
const warningSeconds = 60;

/** Bytes a second by which the available ones shrink: of late, and over the last minute. */
export function growth(samples: readonly Sample[]): { readonly recent: number; readonly lasting: number } {
  const last = samples.at(-1);
  if (last === undefined) return { recent: 0, lasting: 0 };
  const since = (sample: Sample | undefined): number => {
    const milliseconds = last.atMs - (sample?.atMs ?? last.atMs);
    if (sample === undefined || milliseconds <= 0) return 0;
    return Math.max(0, ((sample.availableBytes - last.availableBytes) * 1000) / milliseconds);
  };
  const oldest = samples[0];
  const long = oldest !== undefined && last.atMs - oldest.atMs >= leastHistoryMs;
  return { recent: since(samples.find(({ atMs }) => last.atMs - atMs <= recentMs)), lasting: long ? since(oldest) : 0 };
}

export interface Limits {
  readonly warnAt: number;
  readonly stopAt: number;
  readonly closeAt: number;
}

/** In WAL segments for small volumes, in per cent up to a cap for large ones, and never most of a volume. */
export function limitsOf(volume: VolumeSpace, rate: { readonly recent: number; readonly lasting: number }): Limits {
  const { sizeBytes, segmentBytes } = volume;
  const atRest = Math.max(4 * segmentBytes, Math.min(0.03 * sizeBytes, 1024 * mebibyte));
  const bounded = (bytes: number) => Math.max(2 * segmentBytes, Math.min(sizeBytes / 4, bytes));
  const stopAt = bounded(Math.max(atRest, reactionSeconds * rate.recent));
  const early = Math.max(2 * stopAt, Math.min(0.1 * sizeBytes, 5120 * mebibyte), warningSeconds * rate.lasting);
  const warnAt = Math.max(1.5 * stopAt, Math.min(0.4 * sizeBytes, early));
  const closeAt = Math.min(stopAt / 2, Math.max(bounded(atRest) / 2, rate.recent));
  return { warnAt, stopAt, closeAt };
}

export function nextLevel(volume: VolumeSpace, before: VolumeLevel, nowMs: number): VolumeLevel {
  const { availableBytes } = volume;
  const kept = before.samples.filter(({ atMs }) => nowMs - atMs <= historyMs);
  const samples = [...kept, { atMs: nowMs, availableBytes }];
  const limits = limitsOf(volume, growth(samples));
  const measured = levelAt(volume, limits);
  const better = !isWorse(measured, before.level);
  // A warning stops nobody, so it may end with the burst that it came from.
  const releaseAt = before.level === 'low' ? releaseOf('low', limits) : before.releaseAt;
  if (measured === before.level || (better && availableBytes < releaseAt)) {
    return stay(volume, { ...before, samples }, nowMs);
  }
  return { level: measured, releaseAt: releaseOf(measured, limits), samples, enteredMs: nowMs };
}

/**
 * Where a segment more is gone although the stop has had its time, somebody does not keep to it: nobody is let in until the
 * stop itself would end.
 */
function stay({ availableBytes, segmentBytes }: VolumeSpace, before: VolumeLevel, nowMs: number): VolumeLevel {
  if (before.level !== 'stopped' || nowMs - before.enteredMs < settleMs) return before;
  const settledBytes = before.settledBytes ?? availableBytes;
  if (availableBytes >= settledBytes - segmentBytes) return { ...before, settledBytes };
  const { samples, releaseAt } = before;
  return { level: 'closed', releaseAt, samples, enteredMs: nowMs };
}

const leastPauseMs = 100;
const longestPauseMs = 1000;

/** How long to wait before the next look: the sooner, the nearer the volume is to its next limit. */
export function pauseBefore(volume: VolumeSpace, { level, samples }: VolumeLevel): number {
  if (level === 'stopped' || level === 'closed') return leastPauseMs;
  const rate = growth(samples);
  const { stopAt } = limitsOf(volume, rate);
  const untilStopMs = ((volume.availableBytes - stopAt) * 1000) / Math.max(1, rate.recent);
  return Math.min(longestPauseMs, Math.max(leastPauseMs, untilStopMs / 4));
}

function levelAt({ availableBytes, vital }: VolumeSpace, limits: Limits): Level {
  if (availableBytes >= limits.warnAt) return 'roomy';
  if (availableBytes >= limits.stopAt || !vital) return 'low';
  return availableBytes >= limits.closeAt ? 'stopped' : 'closed';
}

function releaseOf(level: Level, { warnAt, stopAt, closeAt }: Limits): number {
  const entered: Record<Level, number> = { roomy: 0, low: 1.1 * warnAt, stopped: 1.5 * stopAt, closed: 1.5 * closeAt };
  return entered[level];
}

/** What PostgreSQL's clients may do. */
export type Restraint = 'none' | 'readOnly' | 'closed';

/** Only a primary writes of its own; a standby writes what its primary wrote, and only warns. */
export function restraintOf(levels: readonly Level[], role: 'primary' | 'standby'): Restraint {
  if (role === 'standby') return 'none';
  if (levels.includes('closed')) return 'closed';
  return levels.includes('stopped') ? 'readOnly' : 'none';
}

/**
 * Whether hardly more than the reserve is left. A checkpoint writes files of its own, and PostgreSQL ends with PANIC where
 * it cannot: none may be asked for, and the reserve is due.
 */
export function isExhausted({ freeBytes, segmentBytes }: VolumeSpace): boolean {
  return freeBytes < segmentBytes;
}

/** Room kept back for the moment when others have filled the volume. */
export function reserveBytes({ sizeBytes, segmentBytes }: VolumeSpace): number {
  return Math.floor(Math.min(2 * segmentBytes, sizeBytes / 16));
}
