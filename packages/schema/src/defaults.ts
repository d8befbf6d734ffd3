/** Defaults are filled in; nulls that a field may not have are dropped first, so that its default takes their place. */

import { isObject, own } from './json.ts';
import type { Json, JsonSchema } from './types.ts';

/** Changes `value` in place. */
export function applyDefaults(value: Json, schema: JsonSchema): void {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items === undefined || !concerns(items)) return;
    for (const [index, item] of value.entries()) {
      if (item === null && items.nullable !== true && items.default !== undefined)
        value[index] = structuredClone(items.default);
      applyDefaults(value[index] ?? null, items);
    }
    return;
  }
  if (!isObject(value)) return;
  dropNulls(value, schema);
  for (const name in schema.properties) {
    const property = own(schema.properties, name);
    if (property === undefined || !concerns(property)) continue;
    if (!Object.hasOwn(value, name) && property.default !== undefined) value[name] = structuredClone(property.default);
    const member = own(value, name);
    if (member !== undefined) applyDefaults(member, property);
  }
  const others = schema.additionalProperties;
  if (typeof others !== 'object' || !concerns(others)) return;
  for (const name of Object.keys(value)) {
    if (own(schema.properties, name) !== undefined) continue;
    if (value[name] === null && others.default !== undefined) value[name] = structuredClone(others.default);
    applyDefaults(value[name] ?? null, others);
  }
}

function dropNulls(value: { [key: string]: Json }, schema: JsonSchema): void {
  for (const name of Object.keys(value)) {
    if (value[name] !== null) continue;
    const others = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
    const member = own(schema.properties, name) ?? others;
    if (member !== undefined && member.nullable !== true && member['x-kubernetes-preserve-unknown-fields'] !== true) {
      delete value[name];
    }
  }
}

const known = new WeakMap<JsonSchema, boolean>();

/** Whether anything at or below the schema can have a default or an unwanted null: most scalars cannot. */
function concerns(schema: JsonSchema): boolean {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const structured = schema.properties !== undefined || typeof schema.additionalProperties === 'object';
  const answer = schema.default !== undefined || structured || (schema.items !== undefined && concerns(schema.items));
  known.set(schema, answer);
  return answer;
}
