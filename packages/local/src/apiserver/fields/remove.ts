/** Takes what a manager gave up out of an object, unless another manager owns it. */

import type { Json, JsonObject, TypeSchema } from '../registry/types.ts';
import { fieldSetOf } from './compare.ts';
import { put } from './json.ts';
import { difference, EMPTY, type FieldSet, intersection, isEmpty, union } from './set.ts';
import { ANY, itemElement, membersOf, shapeOf } from './shape.ts';

/** The value without the paths of the set; a map or list that loses all becomes null. */
export function removeFields(value: Json, schema: TypeSchema | undefined, set: FieldSet): Json {
  const shape = shapeOf(schema, value);
  if (shape.kind === 'leaf' || value === null) return value;
  if (shape.kind === 'map') {
    const out: JsonObject = {};
    for (const [element, member] of membersOf(value)) {
      if (set.members.has(element)) continue;
      const below = set.children.get(element);
      put(
        out,
        member.name,
        below === undefined ? member.value : removeFields(member.value, shape.child(member.name), below),
      );
    }
    return Object.keys(out).length > 0 ? out : null;
  }
  const items = (value as Json[]).flatMap((item) => {
    const element = itemElement(shape.schema, item) ?? '';
    if (set.members.has(element)) return [];
    const below = set.children.get(element);
    return [below === undefined ? item : removeFields(item, shape.schema.items, below)];
  });
  return items.length > 0 ? items : null;
}

/** The set and, of each path in it, the fields with a name of their own in the schema that lie above it. */
export function withNamedParents(set: FieldSet, schema: TypeSchema | undefined): FieldSet {
  const members = new Set(set.members);
  const children = new Map<string, FieldSet>();
  for (const [element, node] of set.children) {
    if (schema?.type === 'object' && Object.hasOwn(schema.fields, element.slice(2)) && element.startsWith('f:')) {
      members.add(element);
    }
    children.set(element, withNamedParents(node, below(schema, element)));
  }
  return { members, children };
}

function below(schema: TypeSchema | undefined, element: string): TypeSchema | undefined {
  switch (schema?.type) {
    case 'object':
      return Object.hasOwn(schema.fields, element.slice(2)) ? schema.fields[element.slice(2)] : ANY;
    case 'map':
      return schema.values;
    case 'list':
      return schema.items;
    default:
      return ANY;
  }
}

/**
 * `merged` without what `last`, the former set of the applying manager, holds and nobody owns any more.
 * First everything under `last` goes, then what any manager owns (`owned`, the new set of the applying one included)
 * comes back; what is missing after that and was in `last` is to be removed.
 */
export function prune(merged: JsonObject, last: FieldSet, owned: FieldSet, schema: TypeSchema): JsonObject {
  if (isEmpty(last)) return merged;
  const setOf = (value: Json): FieldSet => (value === null ? EMPTY : fieldSetOf(value, schema));
  const lastNamed = withNamedParents(last, schema);
  const all = setOf(merged);
  const stripped = setOf(removeFields(merged, schema, lastNamed));
  const kept = union(withNamedParents(stripped, schema), withNamedParents(owned, schema));
  const restored = setOf(removeFields(merged, schema, difference(withNamedParents(all, schema), kept)));
  const gone = intersection(difference(all, restored), lastNamed);
  return (removeFields(merged, schema, gone) ?? {}) as JsonObject;
}
