/**
 * The order of a merged list. Elements of the patch follow the patch, those of the live list alone follow the live
 * list; where both sides meet, the live list decides, and what it does not have comes first.
 */

import { equal, isObject, own } from '../fields/json.ts';
import type { Json } from '../registry/types.ts';

type Same = (a: Json, b: Json) => boolean;

function sameBy(key: string | undefined): Same {
  if (key === undefined) return equal;
  return (a, b) => isObject(a) && isObject(b) && equal(own(a, key), own(b, key));
}

/** `order`: the elements of the patch, or of its directive, which names them by their key alone. */
export function inOrder(
  merged: readonly Json[],
  order: readonly Json[],
  live: readonly Json[],
  key: string | undefined,
): Json[] {
  const same = sameBy(key);
  const place = (list: readonly Json[], item: Json): number => list.findIndex((other) => same(other, item));
  const by = (list: readonly Json[]) => (a: Json, b: Json) => place(list, a) - place(list, b);
  const named = merged.filter((item) => place(order, item) >= 0).sort(by(order));
  const others = merged.filter((item) => place(order, item) < 0).sort(by(live));
  const out: Json[] = [];
  while (named.length > 0 && others.length > 0) {
    const [left, right] = [others[0] ?? null, named[0] ?? null];
    const [l, r] = [place(live, left), place(live, right)];
    out.push((l >= 0 && r >= 0 && l < r ? others.shift() : named.shift()) ?? null);
  }
  return [...out, ...named, ...others];
}
