// Durations as Go writes them, such as 1h30m, 1.5s or -10ms.

const nanosecondsOfSecond = 1_000_000_000n;
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: nanosecondsOfSecond,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const longest = 2n ** 63n - 1n;
const part = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;

/** Nanoseconds of a Go duration; undefined when the text is none or it is longer than Go can hold. */
export function parseDuration(text: string): bigint | undefined {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const rest = text.slice(sign.length);
  if (rest === '0') return 0n;
  if (rest === '') return undefined;
  let total = 0n;
  part.lastIndex = 0;
  while (part.lastIndex < rest.length) {
    const [, whole = '', fraction = '', unit = ''] = part.exec(rest) ?? [];
    const factor = units[unit];
    if (factor === undefined || (whole === '' && fraction === '')) return undefined;
    total += BigInt(whole || '0') * factor + (BigInt(fraction || '0') * factor) / 10n ** BigInt(fraction.length);
    if (total > longest + (sign === '-' ? 1n : 0n)) return undefined;
  }
  return sign === '-' ? -total : total;
}

/** Whole seconds of a Go duration, rounded down; undefined when the text is none. */
export function durationSeconds(text: string): number | undefined {
  const nanoseconds = parseDuration(text);
  if (nanoseconds === undefined) return undefined;
  const seconds = nanoseconds / nanosecondsOfSecond;
  return Number(seconds * nanosecondsOfSecond > nanoseconds ? seconds - 1n : seconds);
}

/** Milliseconds of a Go duration; undefined when the text is none. */
export function durationMs(text: string): number | undefined {
  const nanoseconds = parseDuration(text);
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e6;
}
