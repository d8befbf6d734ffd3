/** Brings an applied configuration into the live object; nothing is removed here. */

import type { Json, JsonObject, TypeSchema } from '../registry/types.ts';
import { UntypedListError } from './compare.ts';
import { put } from './json.ts';
import { isBlank, itemsByElement, type ListSchema, membersOf, shapeOf } from './shape.ts';

export function mergeApplied(
  live: Json | undefined,
  applied: Json | undefined,
  schema: TypeSchema | undefined,
): Json | undefined {
  if (applied === undefined) return live;
  if (live === undefined || (isBlank(live) && isBlank(applied))) return applied;
  const shape = shapeOf(schema, live, applied);
  if (shape.kind === 'leaf') return applied;
  if (shape.kind === 'list') return mergeLists(live, applied, shape.schema);
  const [a, b] = [membersOf(live), membersOf(applied)];
  const out: JsonObject = {};
  for (const [element, member] of [...a, ...b]) {
    const value = mergeApplied(a.get(element)?.value, b.get(element)?.value, shape.child(member.name));
    if (value !== undefined) put(out, member.name, value);
  }
  return out;
}

function mergeLists(live: Json, applied: Json, schema: ListSchema): Json {
  const [a, b] = [itemsByElement(schema, live), itemsByElement(schema, applied)];
  if (a === undefined || b === undefined) throw new UntypedListError('a list holds a key twice or not at all');
  return mergedOrder([...a.keys()], [...b.keys()]).flatMap((element) => {
    const value = mergeApplied(a.get(element), b.get(element), schema.items);
    return value === undefined ? [] : [value];
  });
}

/** Applied elements come in the applied order; those of the live list alone keep their place before what follows them. */
export function mergedOrder(live: readonly string[], applied: readonly string[]): string[] {
  const [inLive, inApplied] = [new Set(live), new Set(applied)];
  const shared = applied.filter((element) => inLive.has(element));
  const out = new Set<string>();
  let [l, r, s] = [0, 0, 0];
  while (l < live.length || r < applied.length) {
    const [mine, theirs] = [live[l], applied[r]];
    if (mine !== undefined && (out.has(mine) || (theirs !== undefined && inApplied.has(mine) && shared[s] !== mine))) {
      l += 1; // An applied element that already came, or whose turn comes later.
    } else if (mine !== undefined && !inApplied.has(mine)) {
      out.add(mine);
      l += 1;
    } else if (theirs !== undefined) {
      out.add(theirs);
      r += 1;
      if (shared[s] === theirs) s += 1;
    } else {
      l += 1;
    }
  }
  return [...out];
}
