/** How a value divides into parts that managers own one by one. */

import type { Json, JsonObject, TypeSchema } from '../registry/types.ts';
import { isObject, own } from './json.ts';
import { field, key, value } from './path.ts';

export type ListSchema = Extract<TypeSchema, { type: 'list' }>;

/** The type of what no schema describes: maps divide, lists do not. */
export const ANY: TypeSchema = { type: 'any' };

export type Shape =
  | { kind: 'leaf' }
  | { kind: 'map'; child(name: string): TypeSchema | undefined; named(name: string): boolean }
  | { kind: 'list'; schema: ListSchema };

const LEAF: Shape = { kind: 'leaf' };
const ANY_MAP: Shape = { kind: 'map', child: () => ANY, named: () => false };

/** The shape under which the values given are compared; what has another form than its type says is one leaf. */
export function shapeOf(schema: TypeSchema | undefined, ...values: readonly (Json | undefined)[]): Shape {
  const given = values.filter((item) => item !== undefined && item !== null);
  if (schema === undefined) return LEAF;
  switch (schema.type) {
    case 'any':
      return given.length > 0 && given.every(isObject) ? ANY_MAP : LEAF;
    case 'object':
      return schema.atomic === true || !given.every(isObject) ? LEAF : structShape(schema);
    case 'map':
      return schema.atomic === true || !given.every(isObject)
        ? LEAF
        : { kind: 'map', child: () => schema.values, named: () => false };
    case 'list':
      return schema.list === 'atomic' || !given.every(Array.isArray) ? LEAF : { kind: 'list', schema };
    default:
      return LEAF;
  }
}

function structShape(schema: Extract<TypeSchema, { type: 'object' }>): Shape {
  const named = (name: string): boolean => Object.hasOwn(schema.fields, name);
  return {
    kind: 'map',
    named,
    child: (name) => (named(name) ? schema.fields[name] : schema.preserveUnknown === true ? ANY : undefined),
  };
}

/** The path element of an item of a set or map list; undefined when it has no usable key. */
export function itemElement(schema: ListSchema, item: Json): string | undefined {
  if (schema.list === 'set') return isObject(item) || Array.isArray(item) || item === null ? undefined : value(item);
  if (!isObject(item)) return undefined;
  const keys: JsonObject = {};
  for (const name of schema.keys ?? []) {
    const given = own(item, name) ?? schema.keyDefaults?.[name];
    if (given === undefined || given === null) return undefined;
    keys[name] = given;
  }
  return key(keys);
}

/** The items of a list by path element; undefined when two have the same or one has none. */
export function itemsByElement(schema: ListSchema, list: Json | undefined): Map<string, Json> | undefined {
  const items = new Map<string, Json>();
  for (const item of Array.isArray(list) ? list : []) {
    const element = itemElement(schema, item);
    if (element === undefined || items.has(element)) return undefined;
    items.set(element, item);
  }
  return items;
}

/** The members of a map by path element, without those that are undefined. */
export function membersOf(map: Json | undefined): Map<string, { name: string; value: Json }> {
  const members = new Map<string, { name: string; value: Json }>();
  if (!isObject(map)) return members;
  for (const [name, item] of Object.entries(map)) {
    if (item !== undefined) members.set(field(name), { name, value: item });
  }
  return members;
}

/** Null, absent or without members: such a map or list is a leaf. */
export function isBlank(value: Json | undefined): boolean {
  return (
    value === undefined ||
    value === null ||
    (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0)
  );
}
