/** Bodies in protobuf, as typed Kubernetes clients send them, turned into what the same body in JSON would be. */

import { typeNameOf } from '../../kinds/schema/typeschema.ts';
import type { Json, JsonObject, TypeSchema } from '../../registry/types.ts';
import { fieldNumbers } from './numbers.ts';
import { readMessage, type WireValue } from './reader.ts';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

export interface Envelope {
  apiVersion: string;
  kind: string;
  raw: Buffer;
}

/** The envelope around every body: it tells the kind. undefined: it is none. */
export function readEnvelope(body: Buffer): Envelope | undefined {
  if (!body.subarray(0, 4).equals(MAGIC)) return undefined;
  const envelope: Envelope = { apiVersion: '', kind: '', raw: Buffer.alloc(0) };
  for (const { field, bytes } of readMessage(body.subarray(4))) {
    if (field === 2 && bytes !== undefined) envelope.raw = bytes;
    if (field !== 1 || bytes === undefined) continue;
    for (const part of readMessage(bytes)) {
      if (part.field === 1) envelope.apiVersion = part.bytes?.toString('utf8') ?? '';
      if (part.field === 2) envelope.kind = part.bytes?.toString('utf8') ?? '';
    }
  }
  return envelope;
}

/** Whether every type that the schema names at its top is known here. */
export function canDecode(schema: TypeSchema): boolean {
  return fieldNumbers[typeNameOf(schema) ?? ''] !== undefined;
}

/** Throws RangeError for bytes that are no such message. Fields without a known number are refused, not dropped. */
export function decodeMessage(buffer: Buffer, schema: TypeSchema): JsonObject {
  const type = typeNameOf(schema) ?? '';
  const numbers = fieldNumbers[type];
  if (numbers === undefined || schema.type !== 'object') throw new RangeError(`${type} cannot be read from protobuf`);
  const names = new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
  const object: JsonObject = {};
  for (const value of readMessage(buffer)) {
    const name = names.get(value.field);
    const field = name === undefined ? undefined : schema.fields[name];
    if (name === undefined || field === undefined || !isReadable(field)) {
      if (carriesNothing(value)) continue;
      throw new RangeError(`field ${value.field} of ${type} cannot be read from protobuf; send JSON`);
    }
    add(object, name, value, field);
  }
  return object;
}

function isReadable(schema: TypeSchema): boolean {
  return schema.type !== 'object' || canDecode(schema);
}

/** Encoders write parts that are always there even when they are empty. */
function carriesNothing({ number, bytes }: WireValue): boolean {
  if (number !== undefined) return number === 0n;
  if (bytes === undefined || bytes.length === 0) return true;
  try {
    return [...readMessage(bytes)].every(carriesNothing);
  } catch {
    return false;
  }
}

function add(object: JsonObject, name: string, value: WireValue, schema: TypeSchema): void {
  if (schema.type === 'list') {
    const list = (object[name] ?? []) as Json[];
    list.push(decodeValue(value, schema.items));
    object[name] = list;
  } else if (schema.type === 'map') {
    const map = (object[name] ?? {}) as JsonObject;
    addEntry(map, value, schema.values);
    object[name] = map;
  } else {
    const decoded = decodeValue(value, schema);
    const absent = decoded === null || decoded === '' || (name === 'generation' && decoded === 0);
    if (!absent) object[name] = decoded;
  }
}

function addEntry(map: JsonObject, { bytes }: WireValue, schema: TypeSchema): void {
  let key = '';
  let entry: WireValue | undefined;
  for (const part of readMessage(bytes ?? Buffer.alloc(0))) {
    if (part.field === 1) key = part.bytes?.toString('utf8') ?? '';
    else entry = part;
  }
  map[key] = entry === undefined ? '' : decodeValue(entry, schema);
}

function decodeValue(value: WireValue, schema: TypeSchema): Json {
  const bytes = value.bytes ?? Buffer.alloc(0);
  if (schema.type === 'object') return decodeMessage(bytes, schema);
  if (schema.type === 'boolean') return value.number === 1n;
  if (schema.type === 'integer' || schema.type === 'number') return Number(BigInt.asIntN(64, value.number ?? 0n));
  if (schema.type !== 'string') throw new RangeError('a field of any type cannot be read from protobuf; send JSON');
  switch (schema.format) {
    case 'byte':
      return bytes.toString('base64');
    case 'date-time':
    case 'micro-time':
      return decodeTime(bytes, schema.format === 'micro-time');
    case 'quantity':
      return [...readMessage(bytes)][0]?.bytes?.toString('utf8') ?? '0';
    default:
      return schema.intOrString === true ? decodeIntOrString(bytes) : bytes.toString('utf8');
  }
}

function decodeTime(bytes: Buffer, micro: boolean): string | null {
  let seconds = 0n;
  let nanos = 0n;
  for (const { field, number } of readMessage(bytes)) {
    if (field === 1) seconds = BigInt.asIntN(64, number ?? 0n);
    else nanos = number ?? 0n;
  }
  if (bytes.length === 0 || seconds < -62_000_000_000n) return null;
  const start = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return micro ? `${start}.${String(nanos / 1000n).padStart(6, '0')}Z` : `${start}Z`;
}

function decodeIntOrString(bytes: Buffer): Json {
  let isText = false;
  let number = 0;
  let text = '';
  for (const part of readMessage(bytes)) {
    if (part.field === 1) isText = part.number === 1n;
    else if (part.field === 2) number = Number(BigInt.asIntN(64, part.number ?? 0n));
    else text = part.bytes?.toString('utf8') ?? '';
  }
  return isText ? text : number;
}
