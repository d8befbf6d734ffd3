/**
 * Splits a stream of csvlog text into records of fields. A field in double quotes may hold commas, line breaks and
 * doubled quotes; so a record ends at a line break outside quotes only, and chunks may end anywhere.
 */
export interface CsvSplitter {
  push(chunk: string): string[][];
  /** Text of a record that has only begun. */
  readonly rest: string;
}

export function csvSplitter(): CsvSplitter {
  let pending = '';
  // How far `pending` was looked at, and whether that point is inside quotes: long records are not scanned again.
  let scanned = 0;
  let quoted = false;

  return {
    push(chunk) {
      pending += chunk;
      const records: string[][] = [];
      let start = 0;
      for (let index = scanned; index < pending.length; index += 1) {
        const code = pending.charCodeAt(index);
        if (code === quote) quoted = !quoted;
        else if (code === newline && !quoted) {
          if (index > start) records.push(splitFields(pending.slice(start, index)));
          start = index + 1;
        }
      }
      pending = pending.slice(start);
      scanned = pending.length;
      return records;
    },
    get rest() {
      return pending;
    },
  };
}

const quote = 0x22;
const newline = 0x0a;

/** Fields of one CSV record. */
export function splitFields(record: string): string[] {
  const fields: string[] = [];
  let position = 0;
  while (position <= record.length) {
    if (record[position] === '"') {
      const end = closingQuote(record, position + 1);
      fields.push(record.slice(position + 1, end).replaceAll('""', '"'));
      position = end + 2;
    } else {
      const comma = record.indexOf(',', position);
      const end = comma < 0 ? record.length : comma;
      fields.push(record.slice(position, end));
      position = end + 1;
    }
  }
  return fields;
}

function closingQuote(record: string, from: number): number {
  let index = from;
  for (;;) {
    const next = record.indexOf('"', index);
    if (next < 0) return record.length;
    if (record[next + 1] !== '"') return next;
    index = next + 2;
  }
}
