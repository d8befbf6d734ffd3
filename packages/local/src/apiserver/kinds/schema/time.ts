/** Times as they go over the wire: seconds in UTC, or microseconds where the type says so. */

export type ParsedTime = { text: string } | { error: string };

const PATTERN = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Reads an RFC 3339 time; the fraction of a second is dropped. */
export function parseTime(value: string): ParsedTime {
  const time = PATTERN.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) return { error: complaint(value, '2006-01-02T15:04:05Z07:00') };
  return { text: `${new Date(time).toISOString().slice(0, 19)}Z` };
}

/** Reads an RFC 3339 time with a fraction of six digits. */
export function parseMicroTime(value: string): ParsedTime {
  const match = PATTERN.exec(value);
  const layout = '2006-01-02T15:04:05.000000Z07:00';
  if (match === null || Number.isNaN(Date.parse(value))) return { error: complaint(value, layout) };
  const fraction = match[7];
  if (fraction === undefined || fraction.length !== 7) {
    const rest = value.slice(19);
    return {
      error: `parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(rest)} as ".000000"`,
    };
  }
  const seconds = new Date(Date.parse(value)).toISOString().slice(0, 19);
  return { text: `${seconds}${fraction}Z` };
}

/** What is wrong with a time, in the words of the server that clients know: the part of the layout that did not fit. */
function complaint(value: string, layout: string): string {
  const parts: [RegExp, string][] = [
    [/^\d{4}/, '2006'],
    [/^-/, '-'],
    [/^\d{2}/, '01'],
    [/^-/, '-'],
    [/^\d{2}/, '02'],
    [/^T/, 'T'],
    [/^\d{2}/, '15'],
    [/^:/, ':'],
    [/^\d{2}/, '04'],
    [/^:/, ':'],
    [/^\d{2}(\.\d+)?/, '05'],
    [/^(Z|[+-]\d{2}:\d{2})/, 'Z07:00'],
  ];
  let rest = value;
  for (const [pattern, part] of parts) {
    const match = pattern.exec(rest);
    if (match === null) {
      return `parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${part}"`;
    }
    rest = rest.slice(match[0].length);
  }
  return `parsing time ${JSON.stringify(value)}: out of range`;
}
