/** Whether the values of a body have the types of their fields. The first that has not is named. */

import type { TypeSchema } from '../registry/types.ts';

/** A sentence such as `json: cannot unmarshal number into Go struct field ConfigMap.data of type string`. */
export function findTypeError(value: unknown, schema: TypeSchema, kind: string): string | undefined {
  return check(value, schema, kind, '');
}

const GO_TYPES = { string: 'string', integer: 'int32', number: 'float64', boolean: 'bool' } as const;

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

function mismatch(value: unknown, kind: string, path: string, goType: string): string {
  const what = typeof value === 'number' && !Number.isInteger(value) ? `number ${value}` : describe(value);
  return `json: cannot unmarshal ${what} into Go struct field ${kind}.${path} of type ${goType}`;
}

function check(value: unknown, schema: TypeSchema, kind: string, path: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  switch (schema.type) {
    case 'any':
      return undefined;
    case 'object':
      return checkObject(value, schema, kind, path);
    case 'map':
      return checkMap(value, schema, kind, path);
    case 'list':
      return checkList(value, schema, kind, path);
    default:
      return checkScalar(value, schema, kind, path);
  }
}

type Scalar = Extract<TypeSchema, { type: 'string' | 'integer' | 'number' | 'boolean' }>;

function checkScalar(value: unknown, schema: Scalar, kind: string, path: string): string | undefined {
  if (schema.intOrString === true && (typeof value === 'string' || Number.isInteger(value))) return undefined;
  if (schema.format === 'quantity' && typeof value === 'number') return undefined;
  if (schema.type === 'integer' && typeof value === 'number') {
    return Number.isInteger(value) ? undefined : mismatch(value, kind, path, goInteger(schema));
  }
  const actual = schema.type === 'integer' ? 'number' : schema.type;
  if (typeof value !== actual) return mismatch(value, kind, path, goName(schema));
  if (schema.format === 'byte') return checkBase64(String(value));
  return undefined;
}

function goInteger(schema: Scalar): string {
  return schema.format === 'int64' ? 'int64' : 'int32';
}

function goName(schema: Scalar): string {
  if (schema.format === 'byte') return '[]uint8';
  return schema.type === 'integer' ? goInteger(schema) : GO_TYPES[schema.type];
}

function checkBase64(text: string): string | undefined {
  const bad = /[^A-Za-z0-9+/=\r\n]/.exec(text);
  if (bad !== null) return `illegal base64 data at input byte ${bad.index}`;
  const body = text.replace(/[\r\n]/g, '');
  const padding = body.indexOf('=');
  const badPadding = padding >= 0 && !/^={1,2}$/.test(body.slice(padding));
  if (badPadding || body.length % 4 !== 0) {
    return `illegal base64 data at input byte ${badPadding ? padding : body.length - (body.length % 4)}`;
  }
  return undefined;
}

function checkObject(
  value: unknown,
  schema: Extract<TypeSchema, { type: 'object' }>,
  kind: string,
  path: string,
): string | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return mismatch(value, kind, path, typeName(kind, path));
  for (const [key, item] of Object.entries(value as object)) {
    const field = schema.fields[key];
    if (field === undefined) continue;
    const found = check(item, field, kind, path === '' ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function typeName(kind: string, path: string): string {
  const last = path.split('.').pop() ?? '';
  return last === 'metadata' ? 'v1.ObjectMeta' : `v1.${kind}${last.charAt(0).toUpperCase()}${last.slice(1)}`;
}

function checkMap(
  value: unknown,
  schema: Extract<TypeSchema, { type: 'map' }>,
  kind: string,
  path: string,
): string | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return mismatch(value, kind, path, 'map[string]string');
  for (const item of Object.values(value as object)) {
    const found = check(item, schema.values, kind, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

function checkList(
  value: unknown,
  schema: Extract<TypeSchema, { type: 'list' }>,
  kind: string,
  path: string,
): string | undefined {
  if (!Array.isArray(value))
    return mismatch(value, kind, path, `[]v1.${schema.items.type === 'string' ? 'string' : 'Object'}`);
  for (const item of value) {
    const found = check(item, schema.items, kind, path);
    if (found !== undefined) return found;
  }
  return undefined;
}
