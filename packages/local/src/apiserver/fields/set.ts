/**
 * Sets of paths, as a manager owns them. A path is in the set when its last element is a member of the node of its
 * parent; a node may be member and have children at once. Operations give new sets and share what did not change.
 */

import type { JsonObject } from '../registry/types.ts';
import { isObject, put } from './json.ts';

export interface FieldSet {
  readonly members: ReadonlySet<string>;
  readonly children: ReadonlyMap<string, FieldSet>;
}

/** A set under construction. */
export interface SetBuilder {
  readonly members: Set<string>;
  readonly children: Map<string, SetBuilder>;
}

export const EMPTY: FieldSet = { members: new Set(), children: new Map() };

export function builder(): SetBuilder {
  return { members: new Set(), children: new Map() };
}

/** The node below `element`, made when it is not there. */
export function child(set: SetBuilder, element: string): SetBuilder {
  let node = set.children.get(element);
  if (node === undefined) {
    node = builder();
    set.children.set(element, node);
  }
  return node;
}

export function insert(set: SetBuilder, path: readonly string[]): void {
  const last = path.at(-1);
  if (last === undefined) return;
  path.slice(0, -1).reduce(child, set).members.add(last);
}

export function setOf(...paths: readonly (readonly string[])[]): FieldSet {
  const set = builder();
  for (const path of paths) insert(set, path);
  return set;
}

export function isEmpty(set: FieldSet): boolean {
  return set.members.size === 0 && [...set.children.values()].every(isEmpty);
}

export function has(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path.slice(0, -1)) node = node?.children.get(element);
  return node?.members.has(path.at(-1) ?? '') ?? false;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map(a.children);
  for (const [element, node] of b.children) {
    const mine = children.get(element);
    children.set(element, mine === undefined ? node : union(mine, node));
  }
  return { members: a.members.union(b.members), children };
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, a.members.intersection(b.members), (node, other) =>
    other === undefined ? EMPTY : intersection(node, other),
  );
}

/** What is in `a` and not in `b`, path by path. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, a.members.difference(b.members), (node, other) =>
    other === undefined ? node : difference(node, other),
  );
}

/** Takes from `a` the paths in `b` and everything below them. */
export function withoutTrees(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, a.members.difference(b.members), (node, other, element) => {
    if (b.members.has(element)) return EMPTY;
    return other === undefined ? node : withoutTrees(node, other);
  });
}

function combine(
  a: FieldSet,
  b: FieldSet,
  members: ReadonlySet<string>,
  each: (node: FieldSet, other: FieldSet | undefined, element: string) => FieldSet,
): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, node] of a.children) {
    const rest = each(node, b.children.get(element), element);
    if (!isEmpty(rest)) children.set(element, rest);
  }
  return { members, children };
}

/** All paths, members of a node before what lies below it, in order of their names. */
export function* paths(set: FieldSet, prefix: readonly string[] = []): Generator<string[]> {
  for (const element of [...set.members].sort()) yield [...prefix, element];
  for (const element of [...set.children.keys()].sort()) {
    yield* paths(set.children.get(element) ?? EMPTY, [...prefix, element]);
  }
}

export function toFieldsV1(set: FieldSet): JsonObject {
  const out: JsonObject = {};
  const elements = [...new Set([...set.members, ...set.children.keys()])].sort();
  for (const element of elements) {
    const node = set.children.get(element);
    const below = node === undefined ? {} : toFieldsV1(node);
    const owned = set.members.has(element) && Object.keys(below).length > 0;
    put(out, element, owned ? { '.': {}, ...below } : below);
  }
  return out;
}

export function fromFieldsV1(tree: JsonObject): FieldSet {
  const set = builder();
  for (const [element, node] of Object.entries(tree)) {
    if (element === '.') continue;
    const below = isObject(node) ? node : {};
    const names = Object.keys(below);
    if (names.length === 0 || Object.hasOwn(below, '.')) set.members.add(element);
    if (names.some((name) => name !== '.')) set.children.set(element, fromFieldsV1(below) as SetBuilder);
  }
  return set;
}
