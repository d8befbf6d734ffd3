import { stringify } from 'yaml';

/** JSON with two blanks of indentation, or YAML with sorted keys; both end in a newline. */
export function structured(format: 'json' | 'yaml', value: unknown): string {
  if (format === 'json') return `${JSON.stringify(value, undefined, 2)}\n`;
  return stringify(JSON.parse(JSON.stringify(value)), { sortMapEntries: true, lineWidth: 0 });
}
