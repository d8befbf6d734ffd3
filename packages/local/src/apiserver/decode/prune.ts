/** Fields that a kind does not have are dropped, as decoding into a struct does; so are nulls. */

import type { TypeSchema } from '../registry/types.ts';

/** Changes `value` in place. */
export function pruneUnknown(value: unknown, schema: TypeSchema): void {
  if (typeof value !== 'object' || value === null) return;
  if (schema.type === 'object') pruneObject(value as { [key: string]: unknown }, schema);
  else if (schema.type === 'map') for (const item of Object.values(value)) pruneUnknown(item, schema.values);
  else if (schema.type === 'list' && Array.isArray(value)) for (const item of value) pruneUnknown(item, schema.items);
}

function pruneObject(object: { [key: string]: unknown }, schema: Extract<TypeSchema, { type: 'object' }>): void {
  for (const [key, item] of Object.entries(object)) {
    const field = Object.hasOwn(schema.fields, key) ? schema.fields[key] : undefined;
    if (item === null || (field === undefined && schema.preserveUnknown !== true)) delete object[key];
    else if (field !== undefined) pruneUnknown(item, field);
  }
}
