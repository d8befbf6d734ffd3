/** What differs between two versions of an object, and which paths an applied configuration names. */

import type { Json, TypeSchema } from '../registry/types.ts';
import { equal } from './json.ts';
import { builder, child, type FieldSet, type SetBuilder } from './set.ts';
import { isBlank, itemsByElement, membersOf, shapeOf } from './shape.ts';

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** A list of a set or map type that names an element twice, or an element without its key. */
export class UntypedListError extends Error {}

interface Sides {
  schema: TypeSchema | undefined;
  old: Json | undefined;
  next: Json | undefined;
}

type Result = { added: SetBuilder; modified: SetBuilder; removed: SetBuilder };

export function compare(old: Json | undefined, next: Json | undefined, schema: TypeSchema): Comparison {
  const result: Result = { added: builder(), modified: builder(), removed: builder() };
  for (const [element, part] of parts({ schema, old, next }) ?? []) walk(part, element, result);
  return result;
}

function walk(sides: Sides, element: string, result: Result): void {
  const { old, next } = sides;
  if (old === undefined) result.added.members.add(element);
  else if (next === undefined) result.removed.members.add(element);
  const inner = parts(sides);
  if (inner === undefined) {
    if (old !== undefined && next !== undefined && !equal(old, next)) result.modified.members.add(element);
    return;
  }
  const below: Result = {
    added: child(result.added, element),
    modified: child(result.modified, element),
    removed: child(result.removed, element),
  };
  for (const [name, part] of inner) walk(part, name, below);
  for (const set of [result.added, result.modified, result.removed]) {
    const node = set.children.get(element);
    if (node?.members.size === 0 && node.children.size === 0) set.children.delete(element);
  }
}

/** The parts of a pair of values; undefined for a leaf. */
function parts(sides: Sides): Map<string, Sides> | undefined {
  const { schema, old, next } = sides;
  if (isBlank(old) && isBlank(next)) return undefined;
  const shape = shapeOf(schema, old, next);
  if (shape.kind === 'leaf') return undefined;
  const found = new Map<string, Sides>();
  if (shape.kind === 'map') {
    const [a, b] = [membersOf(old), membersOf(next)];
    for (const [element, member] of [...a, ...b]) {
      const type = shape.child(member.name);
      found.set(element, { schema: type, old: a.get(element)?.value, next: b.get(element)?.value });
    }
    return found;
  }
  const [a, b] = [itemsByElement(shape.schema, old), itemsByElement(shape.schema, next)];
  if (a === undefined || b === undefined) throw new UntypedListError('a list holds a key twice or not at all');
  for (const element of new Set([...a.keys(), ...b.keys()])) {
    found.set(element, { schema: shape.schema.items, old: a.get(element), next: b.get(element) });
  }
  return found;
}

/** The paths that an applied configuration names: leaves, and the elements of lists that merge. */
export function fieldSetOf(value: Json, schema: TypeSchema): FieldSet {
  const set = builder();
  collect(value, schema, set);
  return set;
}

/** False for a leaf. */
function collect(value: Json, schema: TypeSchema | undefined, set: SetBuilder): boolean {
  const shape = shapeOf(schema, value);
  if (shape.kind === 'leaf' || isBlank(value)) return false;
  if (shape.kind === 'map') {
    for (const [element, member] of membersOf(value)) {
      const below = builder();
      if (collect(member.value, shape.child(member.name), below)) set.children.set(element, below);
      else set.members.add(element);
    }
    return true;
  }
  for (const [element, item] of itemsByElement(shape.schema, value) ?? []) {
    const below = builder();
    if (collect(item, shape.schema.items, below)) set.children.set(element, below);
    set.members.add(element);
  }
  return true;
}
