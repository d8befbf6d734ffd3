/** Lines that tell what happens and how long it took, as it happens. */
export interface Progress {
  /** A line about something that just became true, with the time since the line before. */
  step(text: string): void;
  note(text: string): void;
  /** Seconds since the start. */
  elapsed(): number;
}

export function createProgress(write: (line: string) => void, now: () => number): Progress {
  const start = now();
  let last = start;
  return {
    step(text) {
      const at = now();
      write(`${seconds(at - start)}  ${text} (${seconds(at - last).trim()})`);
      last = at;
    },
    note: (text) => write(text === '' ? '' : `         ${text}`),
    elapsed: () => (now() - start) / 1000,
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(6)} s`;
}
