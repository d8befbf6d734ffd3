/**
 * Brings an object into the form that its kind has on the wire: unknown fields, nulls and zero values that mean nothing
 * are dropped, fields that are always written are added, quantities and times are checked and put in their usual form.
 */
import type { Json, JsonObject } from '../../registry/types.ts';
import { type Field, type FieldType, fieldsOf, shortName } from './fields.ts';
import { canonicalQuantity, isQuantity, QUANTITY_PATTERN } from './quantity.ts';
import { parseMicroTime, parseTime } from './time.ts';

/** The body cannot be read as its kind. The message follows `<Kind> in version "v1" cannot be handled as a <Kind>: `. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** Changes `object`, a value of type `type`, in place. Throws DecodeError for a value of a wrong type. */
export function decodeStruct(object: JsonObject, type: string): void {
  const fields = fieldsOf(type);
  const known = new Set<string>();
  for (const field of fields) {
    known.add(field.name);
    const value = object[field.name];
    const decoded =
      value === undefined || value === null ? undefined : decodeValue(value, field.type, type, field.name);
    if (decoded !== undefined && !(field.zero === 'omit' && isZero(decoded))) object[field.name] = decoded;
    else if (field.zero === 'write' && Array.isArray(value)) object[field.name] = [];
    else if (field.zero === 'write') object[field.name] = zeroOf(field);
    else delete object[field.name];
  }
  for (const key of Object.keys(object)) if (!known.has(key)) delete object[key];
}

/** The written form of an empty list or map is null where the field is always written. */
function isZero(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (value !== null && typeof value === 'object') return Object.keys(value).length === 0;
  return value === '' || value === 0 || value === false || value === null;
}

function zeroOf(field: Field): Json {
  switch (field.type.kind) {
    case 'string':
    case 'bytes':
      return '';
    case 'integer':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'boolean':
      return false;
    case 'struct': {
      const empty: JsonObject = {};
      decodeStruct(empty, field.type.name);
      return empty;
    }
    default:
      return null;
  }
}

function decodeValue(value: Json, fieldType: FieldType, type: string, field: string): Json | undefined {
  switch (fieldType.kind) {
    case 'struct':
      return decodeNested(value, fieldType.name, type, field);
    case 'list':
      return decodeList(value, fieldType.of, type, field);
    case 'map':
      return decodeMap(value, fieldType.of, type, field);
    case 'any':
      return value;
    case 'quantity':
      return decodeQuantity(value);
    case 'time':
    case 'microtime':
      return decodeTime(value, fieldType.kind, type, field);
    case 'intOrString':
      if (typeof value === 'string') return value;
      return decodeNumber(value, type, field, 'int32');
    default:
      return decodeSimple(value, fieldType.kind, type, field);
  }
}

function decodeNested(value: Json, name: string, type: string, field: string): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw wrong(value, type, field, goStruct(name));
  decodeStruct(value, name);
  return value;
}

function decodeList(value: Json, of: FieldType, type: string, field: string): Json | undefined {
  if (!Array.isArray(value)) throw wrong(value, type, field, `[]${goName(of)}`);
  if (value.length === 0) return undefined;
  return value.map((item) => decodeElement(item, of, type, field));
}

function decodeMap(value: Json, of: FieldType, type: string, field: string): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw wrong(value, type, field, `map[string]${goName(of)}`);
  }
  for (const [key, item] of Object.entries(value)) value[key] = decodeElement(item, of, type, field);
  return value;
}

/** Elements of lists and maps have no 'absent': null stands for the zero value. */
function decodeElement(value: Json, of: FieldType, type: string, field: string): Json {
  if (value === null) return zeroOf({ name: field, type: of, required: true, zero: 'write' });
  return decodeValue(value, of, type, field) ?? null;
}

function decodeQuantity(value: Json): string {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !isQuantity(text)) {
    throw new DecodeError(`quantities must match the regular expression '${QUANTITY_PATTERN}'`);
  }
  return canonicalQuantity(text);
}

function decodeTime(value: Json, kind: 'time' | 'microtime', type: string, field: string): string {
  if (typeof value !== 'string') throw wrong(value, type, field, kind === 'time' ? 'string' : 'string');
  const parsed = kind === 'time' ? parseTime(value) : parseMicroTime(value);
  if ('error' in parsed) throw new DecodeError(parsed.error);
  return parsed.text;
}

function decodeSimple(
  value: Json,
  kind: 'string' | 'bytes' | 'integer' | 'boolean',
  type: string,
  field: string,
): Json {
  if (kind === 'integer') return decodeNumber(value, type, field, 'int32');
  if (kind === 'boolean') {
    if (typeof value !== 'boolean') throw wrong(value, type, field, 'bool');
    return value;
  }
  if (typeof value !== 'string') throw wrong(value, type, field, 'string');
  if (kind === 'bytes') checkBase64(value);
  return value;
}

function decodeNumber(value: Json, type: string, field: string, goType: string): number {
  if (typeof value !== 'number') throw wrong(value, type, field, goType);
  if (!Number.isInteger(value)) throw wrong(value, type, field, goType, `number ${value}`);
  return value;
}

function checkBase64(value: string): void {
  const invalid = /[^A-Za-z0-9+/=\r\n]/.exec(value);
  if (invalid !== null) throw new DecodeError(`illegal base64 data at input byte ${invalid.index}`);
  const packed = value.replace(/[\r\n]/g, '');
  const padding = packed.indexOf('=');
  const text = padding < 0 ? packed : packed.slice(0, padding);
  const padded = padding < 0 ? 0 : packed.length - padding;
  if ((text.length + padded) % 4 !== 0 || padded > 2 || (padding >= 0 && /[^=]/.test(packed.slice(padding)))) {
    throw new DecodeError(
      `illegal base64 data at input byte ${padding < 0 ? packed.length - (packed.length % 4) : padding}`,
    );
  }
}

function wrong(value: Json, type: string, field: string, expected: string, found = jsonType(value)): DecodeError {
  return new DecodeError(
    `json: cannot unmarshal ${found} into Go struct field ${shortName(type)}.${field} of type ${expected}`,
  );
}

function jsonType(value: Json): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return value === null ? 'null' : typeof value;
}

function goStruct(name: string): string {
  return `${name.startsWith('meta/') ? 'v1' : name.slice(name.indexOf('/') + 1, name.indexOf('.'))}.${shortName(name)}`;
}

function goName(type: FieldType): string {
  if (type.kind === 'struct') return goStruct(type.name);
  return type.kind === 'integer' ? 'int32' : type.kind === 'boolean' ? 'bool' : 'string';
}
