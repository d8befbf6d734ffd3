/** How long a container that ended waits until it is started again. */
const FIRST_MS = 10_000;
const LAST_MS = 300_000;
/** A run this long makes the past forgotten. */
const FORGIVEN_AFTER_MS = 600_000;

export interface RestartHistory {
  /** Ends in a row that were not forgiven. */
  readonly ends: number;
}

export const freshHistory: RestartHistory = { ends: 0 };

/** The first restart is immediate, then 10 s, doubling to 5 min. */
export function afterRun(history: RestartHistory, ranMs: number): { history: RestartHistory; delayMs: number } {
  const ends = ranMs >= FORGIVEN_AFTER_MS ? 1 : history.ends + 1;
  return { history: { ends }, delayMs: ends === 1 ? 0 : pullDelay(ends - 2) };
}

/** The same growth for image pulls: 10 s after the first failure. */
export function pullDelay(failuresBefore: number): number {
  return Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(failuresBefore, 10));
}

/** `10s`, `1m20s`, `5m0s` as Go prints durations. */
export function goDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
