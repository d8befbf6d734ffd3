/** Values as Go's `%v` prints them, for messages that show a patch. */

import { isObject } from '../fields/json.ts';
import type { Json } from '../registry/types.ts';

export function goText(value: Json): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${name}:${goText(value[name] ?? null)}`);
  return `map[${members.join(' ')}]`;
}
