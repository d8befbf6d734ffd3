/**
 * Fields that a kind does not have, as strict decoding reports them: of a built-in kind in the order of the document;
 * of a custom resource first those of its metadata, then all others sorted, then those of embedded objects' metadata.
 */

import type { Json, JsonObject, TypeSchema } from '../registry/types.ts';
import { isObject } from './json.ts';
import { OBJECT_META } from './meta.ts';

/** `unknown field "spec.x"`. Duplicate fields are found by the decoder of the body. */
export function strictDecodingErrors(raw: JsonObject, schema: TypeSchema): string[] {
  const found: Found = { metadata: [], others: [], embedded: [] };
  visit(raw, schema, '', found, 'others');
  const custom = schema.type === 'object' && schema.fields.metadata === OBJECT_META;
  const others = custom ? found.others.sort() : found.others;
  return [...found.metadata, ...others, ...found.embedded].map((path) => `unknown field ${JSON.stringify(path)}`);
}

type Place = 'metadata' | 'others' | 'embedded';
type Found = Record<Place, string[]>;

function visit(value: Json, schema: TypeSchema, path: string, found: Found, place: Place): void {
  if (schema.type === 'list' && Array.isArray(value)) {
    for (const [index, item] of value.entries()) visit(item, schema.items, `${path}[${index}]`, found, place);
  }
  if (!isObject(value)) return;
  for (const name of Object.keys(value)) {
    const inner = path === '' ? name : `${path}.${name}`;
    const item = value[name] ?? null;
    if (schema.type === 'map') visit(item, schema.values, inner, found, place);
    if (schema.type !== 'object') continue;
    const type = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined;
    if (type === OBJECT_META) visit(item, type, inner, found, path === '' ? 'metadata' : 'embedded');
    else if (type !== undefined) visit(item, type, inner, found, place);
    else if (schema.preserveUnknown !== true) found[place].push(inner);
  }
}
