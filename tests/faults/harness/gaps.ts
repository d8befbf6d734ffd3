/** Measures the longest time in which an event did not happen. */
export interface Gaps {
  event(): void;
  mark(): void;
  longest(): { readonly startedAt: number; readonly milliseconds: number };
}

export function startGaps(now: () => number = Date.now): Gaps {
  let last = now();
  let longest = { startedAt: last, milliseconds: 0 };
  const upTo = (end: number) => {
    if (end - last > longest.milliseconds) longest = { startedAt: last, milliseconds: end - last };
  };
  return {
    event() {
      const at = now();
      upTo(at);
      last = at;
    },
    mark() {
      longest = { startedAt: last, milliseconds: 0 };
    },
    longest() {
      upTo(now());
      return longest;
    },
  };
}
