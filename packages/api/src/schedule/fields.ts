// The fields of a cron schedule: comma lists of numbers, names, ranges and steps.

export interface Field {
  readonly values: ReadonlySet<number>;
  /** Whether the field contains * or ?. */
  readonly any: boolean;
}
export interface FieldRange {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly words?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

export const fieldRanges = [
  { name: 'second', first: 0, last: 59 },
  { name: 'minute', first: 0, last: 59 },
  { name: 'hour', first: 0, last: 23 },
  { name: 'day of month', first: 1, last: 31 },
  { name: 'month', first: 1, last: 12, words: months },
  { name: 'day of week', first: 0, last: 6, words: weekdays },
] as const satisfies readonly FieldRange[];

/** Reads one field; a text instead of a field says what is wrong with it. */
export function parseField(text: string, range: FieldRange): Field | string {
  const parts = text.split(',').filter((part) => part !== '');
  if (parts.length === 0) return `${range.name} "${text}" is empty`;
  const values = new Set<number>();
  let any = false;
  for (const part of parts) {
    const span = parseSpan(part, range);
    if (typeof span === 'string') return span;
    any ||= span.any;
    for (let value = span.from; value <= span.to; value += span.step) values.add(value);
  }
  return { values, any };
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly any: boolean;
}

function parseSpan(part: string, range: FieldRange): Span | string {
  const [ends = '', stepText, ...moreSteps] = part.split('/');
  if (moreSteps.length > 0) return `${range.name} "${part}" has more than one /`;
  const step = stepText === undefined ? 1 : number(stepText);
  if (step === undefined || step === 0) return `${range.name} "${part}" has a step that is not a number from 1 on`;
  if (ends === '*' || ends === '?') return { from: range.first, to: range.last, step, any: true };
  const [fromText = '', toText, ...moreEnds] = ends.split('-');
  if (moreEnds.length > 0) return `${range.name} "${part}" has more than one -`;
  const from = value(fromText, range);
  // One value with a step runs to the end of the range.
  const to = toText === undefined ? (stepText === undefined ? from : range.last) : value(toText, range);
  if (from === undefined || to === undefined) {
    return `${range.name} "${part}" is not within ${range.first}-${range.last}`;
  }
  return from > to ? `${range.name} "${part}" begins after its end` : { from, to, step, any: false };
}

const number = (text: string) => (/^\+?\d+$/.test(text) ? Number(text) : undefined);

function value(text: string, range: FieldRange): number | undefined {
  const word = range.words?.indexOf(text.toLowerCase()) ?? -1;
  const result = word >= 0 ? word + range.first : number(text);
  return result !== undefined && result >= range.first && result <= range.last ? result : undefined;
}
