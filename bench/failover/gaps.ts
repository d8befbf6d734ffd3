import type { Acknowledged } from './writer.ts';

/** Seconds between two acknowledged writes. */
export interface Gap {
  readonly seconds: number;
  readonly last: Acknowledged;
  readonly first: Acknowledged;
}

function gapsBetween(acknowledged: readonly Acknowledged[], from: number, to: number): Gap[] {
  return acknowledged.flatMap((first, index) => {
    const last = acknowledged[index - 1];
    if (last === undefined || first.at <= from || last.at >= to) return [];
    return [{ seconds: (first.at - last.at) / 1000, last, first }];
  });
}

/** The longest time between two acknowledged writes, of which the later one came after `from`. */
export function longestGap(acknowledged: readonly Acknowledged[], from: number, to = Number.POSITIVE_INFINITY): Gap {
  const [longest] = gapsBetween(acknowledged, from, to).sort((a, b) => b.seconds - a.seconds);
  if (longest === undefined) throw new Error('no write was acknowledged after the event');
  return longest;
}

/** What a busy machine does between two writes is no outage. */
const outageSeconds = 0.1;

/** All outages that began or ended in the given time. */
export function outagesBetween(acknowledged: readonly Acknowledged[], from: number, to: number): Gap[] {
  return gapsBetween(acknowledged, from, to).filter(({ seconds }) => seconds > outageSeconds);
}
