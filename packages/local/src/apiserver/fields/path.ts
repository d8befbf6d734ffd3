/**
 * Path elements of managedFields, in the form in which they are keys of FieldsV1:
 * `f:name` a field, `k:{"name":"a"}` an element of a map list, `v:"a"` an element of a set, `i:0` an index.
 */

import type { Json, JsonObject } from '../registry/types.ts';
import { canonical } from './json.ts';

export const field = (name: string): string => `f:${name}`;
export const value = (item: Json): string => `v:${canonical(item)}`;
export const key = (keys: JsonObject): string => `k:${canonical(keys)}`;

/** `.spec.containers[name="a"].env`, as messages show a path. */
export function pathText(path: readonly string[]): string {
  return path.map(elementText).join('');
}

function elementText(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('v:')) return `[=${rest}]`;
  if (element.startsWith('i:')) return `[${rest}]`;
  const keys = JSON.parse(rest) as JsonObject;
  return `[${Object.entries(keys)
    .map(([name, item]) => `${name}=${canonical(item)}`)
    .join(',')}]`;
}
