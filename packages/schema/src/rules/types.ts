/** Types of CEL expressions as far as rules are checked: from schemas, from literals, from operators. */

import { own } from '../json.ts';
import type { JsonSchema } from '../types.ts';
import { escapeName } from './values.ts';

export type Type =
  | {
      kind:
        | 'int'
        | 'uint'
        | 'double'
        | 'string'
        | 'bool'
        | 'bytes'
        | 'null_type'
        | 'timestamp'
        | 'duration'
        | 'type'
        | 'dyn';
    }
  | { kind: 'list'; element: Type }
  | { kind: 'map'; key: Type; value: Type }
  | { kind: 'object'; schema: JsonSchema; isResource: boolean };

export const DYN: Type = { kind: 'dyn' };
export const BOOL: Type = { kind: 'bool' };
export const INT: Type = { kind: 'int' };
export const STRING: Type = { kind: 'string' };

const FORMATS: { readonly [format: string]: Type } = {
  'date-time': { kind: 'timestamp' },
  date: { kind: 'timestamp' },
  duration: { kind: 'duration' },
  byte: { kind: 'bytes' },
};

/** The type of a value with the schema; `isResource` for the root, which has apiVersion, kind and metadata. */
export function typeOfSchema(schema: JsonSchema | undefined, isResource = false): Type {
  if (schema === undefined || schema['x-kubernetes-int-or-string'] === true) return DYN;
  switch (schema.type) {
    case 'integer':
      return INT;
    case 'number':
      return { kind: 'double' };
    case 'boolean':
      return BOOL;
    case 'string':
      return FORMATS[schema.format ?? ''] ?? STRING;
    case 'array':
      return { kind: 'list', element: typeOfSchema(schema.items) };
    case 'object':
      return typeOfObject(schema, isResource || schema['x-kubernetes-embedded-resource'] === true);
    default:
      return DYN;
  }
}

function typeOfObject(schema: JsonSchema, isResource: boolean): Type {
  if (typeof schema.additionalProperties === 'object') {
    return { kind: 'map', key: STRING, value: typeOfSchema(schema.additionalProperties) };
  }
  if (schema.properties === undefined && schema['x-kubernetes-preserve-unknown-fields'] === true) return DYN;
  return { kind: 'object', schema, isResource };
}

const METADATA: JsonSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};

/** The type of a field of an object; undefined when it has none of that name. */
export function fieldType(object: Extract<Type, { kind: 'object' }>, name: string): Type | undefined {
  if (object.isResource && (name === 'apiVersion' || name === 'kind')) return STRING;
  if (object.isResource && name === 'metadata') return typeOfSchema(METADATA);
  const properties = object.schema.properties;
  const direct = own(properties, name);
  if (direct !== undefined && escapeName(name) === name) return typeOfSchema(direct);
  const escaped = Object.keys(properties ?? {}).find((property) => escapeName(property) === name);
  return escaped === undefined ? undefined : typeOfSchema(own(properties, escaped));
}

export function typeText(type: Type): string {
  if (type.kind === 'list') return `list(${typeText(type.element)})`;
  if (type.kind === 'map') return `map(${typeText(type.key)}, ${typeText(type.value)})`;
  if (type.kind === 'timestamp') return 'google.protobuf.Timestamp';
  if (type.kind === 'duration') return 'google.protobuf.Duration';
  return type.kind;
}

const NUMBERS = new Set(['int', 'uint', 'double']);

/** Whether values of the two types may be compared. */
export function comparable(a: Type, b: Type): boolean {
  if (a.kind === 'dyn' || b.kind === 'dyn' || a.kind === 'null_type' || b.kind === 'null_type') return true;
  if (NUMBERS.has(a.kind) && NUMBERS.has(b.kind)) return true;
  if (a.kind === 'list' && b.kind === 'list') return comparable(a.element, b.element);
  if (a.kind === 'map' && b.kind === 'map') return comparable(a.value, b.value);
  return a.kind === b.kind || (a.kind === 'object' && b.kind === 'map') || (a.kind === 'map' && b.kind === 'object');
}
