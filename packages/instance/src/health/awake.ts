/**
 * A clock that stands still while nobody reads it: it goes on by `longestStepMs` at most from one reading to the next. A
 * process that was stopped for a minute, or got no processor, has not been watching anything in that time.
 */
export function createAwakeClock(longestStepMs: number): (monotonicMs: number) => number {
  let awake = 0;
  let last: number | undefined;
  return (monotonicMs) => {
    awake += Math.min(Math.max(monotonicMs - (last ?? monotonicMs), 0), longestStepMs);
    last = monotonicMs;
    return awake;
  };
}
