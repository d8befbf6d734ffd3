/** Whether an applied configuration has the types of its kind: apply refuses what it cannot own field by field. */

import type { Json, TypeSchema } from '../registry/types.ts';
import { canonical, isObject } from './json.ts';
import { pathText } from './path.ts';
import { itemElement, type ListSchema } from './shape.ts';

export function typeErrors(value: Json, schema: TypeSchema, path: string = ''): string[] {
  if (value === null || schema.type === 'any') return [];
  const wrong = (expected: string): string[] => [`${path}: expected ${expected}, got ${shown(value, expected)}`];
  switch (schema.type) {
    case 'object':
      return isObject(value) ? structErrors(value, schema, path) : wrong('map');
    case 'map':
      if (!isObject(value)) return wrong('map');
      return Object.entries(value).flatMap(([name, item]) => typeErrors(item, schema.values, `${path}.${name}`));
    case 'list':
      return Array.isArray(value) ? listErrors(value, schema, path) : wrong('list');
    case 'integer':
    case 'number':
      if (schema.intOrString === true) return [];
      return typeof value === 'number' ? [] : wrong('numeric (int or float)');
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrong('boolean');
    case 'string':
      return schema.intOrString === true || typeof value === 'string' ? [] : wrong('string');
    default:
      return [];
  }
}

function structErrors(
  value: { [key: string]: Json },
  schema: Extract<TypeSchema, { type: 'object' }>,
  path: string,
): string[] {
  return Object.entries(value).flatMap(([name, item]) => {
    if (item === undefined) return [];
    const type = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined;
    if (type !== undefined) return typeErrors(item, type, `${path}.${name}`);
    return schema.preserveUnknown === true ? [] : [`${path}.${name}: field not declared in schema`];
  });
}

function listErrors(list: readonly Json[], schema: ListSchema, path: string): string[] {
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    if (schema.list === 'atomic') return typeErrors(item, schema.items, `${path}[${index}]`);
    const element = itemElement(schema, item);
    if (element === undefined) return [`${path}: element ${index}: ${noElement(schema, item)}`];
    if (seen.has(element)) return [`${path}: duplicate entries for key ${pathText([element])}`];
    seen.add(element);
    return typeErrors(item, schema.items, `${path}${pathText([element])}`);
  });
}

function noElement(schema: ListSchema, item: Json): string {
  if (schema.list === 'set') return 'only string, integer and boolean values may be in a set';
  if (!isObject(item)) return 'associative list with keys may not have non-map elements';
  const missing = schema.keys?.find((name) => item[name] === undefined && schema.keyDefaults?.[name] === undefined);
  return `associative list with keys has an element that omits key field ${JSON.stringify(missing)} (and doesn't have default value)`;
}

/** A number where a number is expected is told by its type, all else by its value. */
function shown(value: Json, expected: string): string {
  if (!expected.startsWith('numeric')) return canonical(value);
  if (Array.isArray(value)) return '[]interface {}';
  return isObject(value) ? 'map[string]interface {}' : typeof value === 'boolean' ? 'bool' : 'string';
}
