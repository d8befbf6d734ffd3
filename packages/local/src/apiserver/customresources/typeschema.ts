/** The TypeSchema of a custom resource, made of its structural schema. */

import type { JsonSchema } from '@matriarch/schema';
import { OBJECT_META } from '../fields/meta.ts';
import type { Json, TypeSchema } from '../registry/types.ts';

const STRING: TypeSchema = { type: 'string' };
const ANY: TypeSchema = { type: 'any' };

/** The type of a whole object: apiVersion, kind and metadata are those of every object. */
export function resourceType(schema: JsonSchema): TypeSchema {
  return objectType({ ...schema, 'x-kubernetes-embedded-resource': true });
}

function typeOf(schema: JsonSchema): TypeSchema {
  if (schema['x-kubernetes-int-or-string'] === true) return { type: 'string', intOrString: true };
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'integer':
    case 'number':
      return { type: schema.type, ...(schema.format === undefined ? {} : { format: schema.format }) };
    case 'array':
      return listType(schema);
    case 'object':
      return objectType(schema);
    default:
      return ANY;
  }
}

function objectType(schema: JsonSchema): TypeSchema {
  const atomic = schema['x-kubernetes-map-type'] === 'atomic' ? { atomic: true } : {};
  const keeps = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const others = schema.additionalProperties;
  if (typeof others === 'object') return { type: 'map', values: typeOf(others), ...atomic };
  if (others === true) return { type: 'map', values: ANY, ...atomic };
  const fields: { [name: string]: TypeSchema } = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) fields[name] = typeOf(property);
  if (schema['x-kubernetes-embedded-resource'] === true) {
    Object.assign(fields, { apiVersion: STRING, kind: STRING, metadata: OBJECT_META });
  } else if (keeps && Object.keys(fields).length === 0) return { type: 'any' };
  return { type: 'object', fields, ...atomic, ...(keeps ? { preserveUnknown: true } : {}) };
}

function listType(schema: JsonSchema): TypeSchema {
  const items = schema.items === undefined ? ANY : typeOf(schema.items);
  const list = schema['x-kubernetes-list-type'];
  if (list === 'set') return { type: 'list', list, items };
  if (list !== 'map') return { type: 'list', list: 'atomic', items };
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const defaults: { [key: string]: Json } = {};
  for (const key of keys) {
    const value = schema.items?.properties?.[key]?.default;
    if (value !== undefined) defaults[key] = value;
  }
  return { type: 'list', list, keys, items, ...(Object.keys(defaults).length === 0 ? {} : { keyDefaults: defaults }) };
}
