/** TypeSchemas as OpenAPI schemas. A schema with a name stands once and is referred to. */

import { requiredFields, typeNameOf, typeSchema } from '../kinds/schema/typeschema.ts';
import type { Json, JsonObject, ResourceInfo, TypeSchema } from '../registry/types.ts';
import { FIELDS_V1, INT_OR_STRING, kindName, LIST_META, OBJECT_META, QUANTITY, schemaName } from './names.ts';

export type Dialect = 'v2' | 'v3';

/** Collects the named schemas that a document needs. */
export interface Collection {
  dialect: Dialect;
  schemas: { [name: string]: JsonObject };
  /** Schemas without a name that are being converted: a schema within itself is left open. */
  open: Set<TypeSchema>;
}

const prefix = (dialect: Dialect): string => (dialect === 'v2' ? '#/definitions/' : '#/components/schemas/');

function reference({ dialect }: Collection, name: string, always: boolean): JsonObject {
  const $ref = `${prefix(dialect)}${name}`;
  if (dialect === 'v2') return { $ref };
  return always ? { default: {}, allOf: [{ $ref }] } : { allOf: [{ $ref }] };
}

/** Parts that every object has, even when empty. */
const ALWAYS = new Set(['metadata', 'spec', 'status', 'template']);

export function convertSchema(schema: TypeSchema, into: Collection, field = ''): JsonObject {
  switch (schema.type) {
    case 'any':
      return field === 'fieldsV1' ? named(into, FIELDS_V1) : { type: 'object' };
    case 'object':
      return convertObject(schema, into, field);
    case 'map':
      return { type: 'object', additionalProperties: element(schema.values, into) };
    case 'list':
      return { type: 'array', items: element(schema.items, into), ...listExtensions(schema) };
    default:
      return convertScalar(schema, into);
  }
}

/** Elements of lists and maps: in version 3 plain values have a default there. */
function element(schema: TypeSchema, into: Collection): JsonObject {
  const converted = convertSchema(schema, into);
  const bytes = schema.type === 'string' && schema.format === 'byte';
  return into.dialect === 'v3' && converted.type === 'string' && !bytes ? { ...converted, default: '' } : converted;
}

type Scalar = Extract<TypeSchema, { type: 'string' | 'integer' | 'number' | 'boolean' }>;

function convertScalar(schema: Scalar, into: Collection): JsonObject {
  if (schema.intOrString === true || schema.format === 'int-or-string') return named(into, INT_OR_STRING);
  if (schema.format === 'quantity') return named(into, QUANTITY);
  const format = schema.format === 'micro-time' ? 'date-time' : schema.format;
  if (schema.type === 'integer') return { type: 'integer', format: format ?? 'int32' };
  return { type: schema.type, ...(format === undefined ? {} : { format }) };
}

const LEAVES: { readonly [name: string]: JsonObject } = {
  [INT_OR_STRING]: { type: 'string', format: 'int-or-string' },
  [QUANTITY]: { type: 'string' },
  [FIELDS_V1]: { type: 'object' },
};

function named(into: Collection, name: string): JsonObject {
  into.schemas[name] ??= LEAVES[name] ?? {};
  return reference(into, name, false);
}

function listExtensions(schema: Extract<TypeSchema, { type: 'list' }>): JsonObject {
  const { patchStrategy, patchMergeKey, keys } = schema;
  const strategy = patchStrategy === 'retainKeys' ? 'merge,retainKeys' : patchStrategy;
  return {
    ...(schema.list === 'map' && keys !== undefined
      ? { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [...keys] }
      : {}),
    ...(schema.list === 'set' ? { 'x-kubernetes-list-type': 'set' } : {}),
    ...(patchMergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': patchMergeKey }),
    ...(strategy === undefined ? {} : { 'x-kubernetes-patch-strategy': strategy }),
  };
}

function convertObject(schema: Extract<TypeSchema, { type: 'object' }>, into: Collection, field: string): JsonObject {
  const name = schemaName(schema);
  if (name === undefined) {
    if (into.open.has(schema)) return { type: 'object' };
    into.open.add(schema);
    const converted = properties(schema, into);
    into.open.delete(schema);
    return converted;
  }
  if (into.schemas[name] === undefined) {
    into.schemas[name] = {};
    into.schemas[name] = properties(schema, into);
  }
  return reference(into, name, ALWAYS.has(field));
}

function properties(schema: Extract<TypeSchema, { type: 'object' }>, into: Collection): JsonObject {
  const type = typeNameOf(schema);
  const required = type === undefined ? [] : requiredFields(type);
  const fields = Object.keys(schema.fields).sort();
  const converted: { [name: string]: Json } = {};
  for (const key of fields) {
    const field = schema.fields[key];
    if (field !== undefined) converted[key] = convertSchema(field, into, key);
  }
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    ...(fields.length === 0 ? {} : { properties: converted }),
    ...(schema.atomic === true ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    ...(schema.preserveUnknown === true ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
  };
}

/** Adds a kind and its list. */
export function addKind(info: ResourceInfo, into: Collection): void {
  const name = kindName(info);
  if (info.custom === true) into.schemas[name] = customSchema(info, into);
  else convertSchema(info.schema, into);
  const schema = into.schemas[name];
  if (schema === undefined) return;
  const { group, version } = info;
  into.schemas[name] = { ...schema, 'x-kubernetes-group-version-kind': [{ group, kind: info.kind, version }] };
  if (!info.verbs.includes('list')) return;
  into.schemas[`${name}List`] = {
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      items: { type: 'array', items: reference(into, name, into.dialect === 'v3') },
      kind: { type: 'string' },
      metadata: reference(into, LIST_META, true),
    },
    'x-kubernetes-group-version-kind': [{ group, kind: info.listKind, version }],
  };
  into.schemas[LIST_META] ??= listMeta;
}

const text: JsonObject = { type: 'string' };
const listMeta: JsonObject = {
  type: 'object',
  properties: {
    continue: text,
    remainingItemCount: { type: 'integer', format: 'int64' },
    resourceVersion: text,
    selfLink: text,
  },
};

function customSchema(info: ResourceInfo, into: Collection): JsonObject {
  convertSchema(typeSchema('meta/v1.ObjectMeta'), into);
  const own = info.openapi ?? convertSchema(info.schema, into);
  return {
    ...own,
    properties: {
      ...((own.properties ?? {}) as JsonObject),
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: reference(into, OBJECT_META, false),
    },
  };
}
