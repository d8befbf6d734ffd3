/** Fields that a schema does not name are dropped, except where it says that they stay. */

import { METADATA, memberOfResource } from './embedded.ts';
import { isObject, own } from './json.ts';
import type { Json, JsonSchema } from './types.ts';

/** Changes `value` in place. `isResource`: the value is an object of the API, with apiVersion, kind and metadata. */
export function prune(value: Json, schema: JsonSchema, isResource = false): void {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items !== undefined) for (const item of value) prune(item, items, items['x-kubernetes-embedded-resource']);
    return;
  }
  if (!isObject(value)) return;
  for (const name of Object.keys(value)) {
    const member = value[name] ?? null;
    const inner = memberSchema(schema, name, isResource);
    if (inner !== undefined)
      prune(member, inner, inner['x-kubernetes-embedded-resource'] === true && inner !== METADATA);
    else if (!keepsUnknown(schema)) delete value[name];
  }
}

function memberSchema(schema: JsonSchema, name: string, isResource: boolean): JsonSchema | undefined {
  const known = isResource ? memberOfResource(name) : undefined;
  if (known !== undefined) return known;
  const property = own(schema.properties, name);
  if (property !== undefined) return property;
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

function keepsUnknown(schema: JsonSchema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true;
}
