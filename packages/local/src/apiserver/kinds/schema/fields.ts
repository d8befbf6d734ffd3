/** The fields of the built-in types, read from types.json when they are first asked for. */
import {
  atomicTypes,
  byteFields,
  omittedWhenZero,
  requiredPointers,
  structValues,
  timeValues,
  zeroValues,
} from './facts.ts';
import { pointers } from './pointers.ts';
import types from './types.json' with { type: 'json' };

const table: { readonly [name: string]: string } = types;

export type FieldType =
  | { kind: 'string' | 'bytes' | 'integer' | 'boolean' | 'quantity' | 'time' | 'microtime' | 'intOrString' | 'any' }
  | { kind: 'list' | 'map'; of: FieldType }
  | { kind: 'struct'; name: string };

export interface Field {
  name: string;
  type: FieldType;
  required: boolean;
  /** What the field holds on the wire when it was not given: `keep` leaves it out but keeps a zero value given. */
  zero: 'omit' | 'keep' | 'write';
}

const SIMPLE: { readonly [code: string]: FieldType } = {
  s: { kind: 'string' },
  i: { kind: 'integer' },
  b: { kind: 'boolean' },
  q: { kind: 'quantity' },
  t: { kind: 'time' },
  u: { kind: 'microtime' },
  x: { kind: 'intOrString' },
  o: { kind: 'any' },
};
const BYTES: FieldType = { kind: 'bytes' };

/** `Pod` of `core/v1.Pod`. */
export function shortName(type: string): string {
  return type.slice(type.indexOf('.') + 1);
}

/** Whether a table of facts names a field, with or without its package. */
export function isListed(set: ReadonlySet<string>, type: string, field: string): boolean {
  return set.has(`${shortName(type)}.${field}`) || set.has(`${type}.${field}`);
}

export function isAtomicType(type: string): boolean {
  return atomicTypes.has(shortName(type));
}

const cache = new Map<string, readonly Field[]>();

/** The fields of a type such as `core/v1.PodSpec`. */
export function fieldsOf(type: string): readonly Field[] {
  const known = cache.get(type);
  if (known !== undefined) return known;
  const line = table[type];
  if (line === undefined) throw new Error(`No type ${type} in types.json: add it to scripts/generate-builtin-types.ts`);
  const fields = line.split(' ').map((text) => parseField(type, text));
  cache.set(type, fields);
  return fields;
}

function parseField(type: string, text: string): Field {
  const colon = text.indexOf(':');
  const required = text[colon - 1] === '!';
  const name = text.slice(0, required ? colon - 1 : colon);
  const bytes = isListed(byteFields, type, name);
  const parsed = parseType(text.slice(colon + 1), bytes);
  return { name, type: parsed, required, zero: zeroRule(type, name, parsed, required) };
}

function parseType(code: string, bytes: boolean): FieldType {
  if (code.startsWith('[')) return { kind: 'list', of: parseType(code.slice(1), bytes) };
  if (code.startsWith('{')) return { kind: 'map', of: parseType(code.slice(1), bytes) };
  if (bytes && code === 's') return BYTES;
  return SIMPLE[code] ?? { kind: 'struct', name: code };
}

function zeroRule(type: string, name: string, parsed: FieldType, required: boolean): Field['zero'] {
  if (isListed(omittedWhenZero, type, name)) return 'omit';
  if (isListed(zeroValues, type, name)) return 'write';
  switch (parsed.kind) {
    case 'struct':
      return isStructValue(type, name, required) ? 'write' : 'keep';
    case 'time':
    case 'microtime':
      return required || isTimeValue(type, name) ? 'write' : 'keep';
    case 'intOrString':
    case 'any':
      return 'keep';
    default:
      if (isListed(pointers, type, name)) return 'keep';
      return required ? 'write' : 'omit';
  }
}

function isTimeValue(type: string, name: string): boolean {
  return timeValues.has(name) || isListed(timeValues, type, name);
}

const TOP_LEVEL_PARTS = new Set(['spec', 'status']);

function isStructValue(type: string, name: string, required: boolean): boolean {
  if (isListed(requiredPointers, type, name)) return false;
  if (name === 'metadata') return true;
  if (TOP_LEVEL_PARTS.has(name) && fieldNames(type).has('metadata')) return true;
  return required || isListed(structValues, type, name);
}

function fieldNames(type: string): Set<string> {
  return new Set((table[type] ?? '').split(' ').map((text) => text.replace(/!?:.*$/, '')));
}
