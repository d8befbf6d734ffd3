/** What is checked of an instance beside its schema: lists that are sets or maps, and embedded objects. */

import { canonical, isObject, own } from './json.ts';
import { duplicate, required } from './problems.ts';
import type { FieldError, Json, JsonSchema } from './types.ts';
import { below, type Place, ROOT } from './validate.ts';

/** Duplicates in lists of type `set` and `map`. */
export function validateLists(value: Json, schema: JsonSchema, place: Place = ROOT): FieldError[] {
  const errors: FieldError[] = [];
  walk(value, schema, place, (item, type, at) => {
    if (Array.isArray(item)) errors.push(...duplicates(item, type, at));
  });
  return errors;
}

/** apiVersion and kind of embedded objects. */
export function validateEmbedded(value: Json, schema: JsonSchema, place: Place = ROOT): FieldError[] {
  const errors: FieldError[] = [];
  walk(value, schema, place, (item, type, at) => {
    if (type['x-kubernetes-embedded-resource'] !== true || !isObject(item)) return;
    for (const name of ['apiVersion', 'kind']) {
      if (typeof item[name] !== 'string' || item[name] === '')
        errors.push(required(below(at, name).field, 'must not be empty'));
    }
  });
  return errors;
}

type Visitor = (value: Json, schema: JsonSchema, place: Place) => void;

function walk(value: Json, schema: JsonSchema, place: Place, visitor: Visitor): void {
  if (!isStructured(value)) return;
  visitor(value, schema, place);
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items === undefined || !structured(items)) return;
    for (const [index, item] of value.entries()) walk(item, items, below(place, index), visitor);
    return;
  }
  const others = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  for (const [name, item] of Object.entries(value)) {
    const member = own(schema.properties, name) ?? others;
    if (member !== undefined && isStructured(item)) walk(item, member, below(place, name), visitor);
  }
}

function isStructured(value: Json): value is Json[] | { [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}

function structured(schema: JsonSchema): boolean {
  return schema.type === 'object' || schema.type === 'array';
}

function duplicates(list: readonly Json[], schema: JsonSchema, place: Place): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'set' && type !== 'map') return [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    const identity = type === 'set' ? item : keysOf(item, keys);
    if (identity === undefined) return [];
    const text = canonical(identity);
    if (seen.has(text)) return [duplicate(below(place, index).field, identity)];
    seen.add(text);
    return [];
  });
}

function keysOf(item: Json, keys: readonly string[]): Json | undefined {
  if (!isObject(item)) return undefined;
  const given = keys.filter((name) => own(item, name) !== undefined);
  return Object.fromEntries(given.map((name) => [name, item[name] ?? null]));
}
