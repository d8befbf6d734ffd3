/** Whether an answer is what was recorded. The first difference is named by its path. */

import { type Binding, stringMatches } from './placeholders.ts';
import type { Variables } from './variables.ts';

export interface Comparison {
  variables: Variables;
  binding: Binding;
  subset: boolean;
  /** `items` is a set. */
  unordered: boolean;
}

type Path = readonly (string | number)[];
type Fields = { [key: string]: unknown };

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 400 ? `${text.slice(0, 400)}...` : text;
};

const difference = (path: Path, expected: unknown, actual: unknown): string =>
  `${path.join('.') || '(whole)'}: expected ${show(expected)}, got ${show(actual)}`;

/** undefined: they match. */
export function compare(expected: unknown, actual: unknown, how: Comparison, path: Path = []): string | undefined {
  if (typeof expected === 'string') return compareString(expected, actual, how, path);
  if (Array.isArray(expected)) return compareArray(expected, actual, how, path);
  if (typeof expected === 'object' && expected !== null) return compareObject(expected as Fields, actual, how, path);
  return expected === actual ? undefined : difference(path, expected, actual);
}

function compareString(expected: string, actual: unknown, how: Comparison, path: Path): string | undefined {
  if (expected === '<nodePort>') {
    const fits = typeof actual === 'number' && actual >= 30000 && actual <= 32767;
    return fits ? undefined : difference(path, expected, actual);
  }
  // A token's end lies ahead by as long as was asked for.
  if (expected === '<time>' && path.at(-1) === 'expirationTimestamp' && !Number.isNaN(Date.parse(String(actual)))) {
    return undefined;
  }
  if (typeof actual !== 'string' || !stringMatches(expected, actual, how.variables, how.binding)) {
    return difference(path, expected, actual);
  }
  const isVersion = expected === '<rv>' && path.at(-1) === 'resourceVersion' && path.at(-2) === 'metadata';
  const isList = path.length === 2;
  if (isVersion && !isList && how.variables.objectVersions.has(actual)) {
    return `${path.join('.')}: expected a new version, got ${actual}, which was seen before`;
  }
  return undefined;
}

const SETS = new Set(['managedFields', 'causes']);

function compareArray(expected: readonly unknown[], actual: unknown, how: Comparison, path: Path): string | undefined {
  if (!Array.isArray(actual)) return difference(path, expected, actual);
  const key = path.at(-1);
  const isSet = how.subset || SETS.has(String(key)) || (how.unordered && key === 'items');
  if (!how.subset && expected.length !== actual.length) {
    return `${path.join('.')}: expected ${expected.length} elements, got ${actual.length}: ${show(actual)}`;
  }
  if (isSet) return compareSet(expected, actual, how, path);
  for (const [index, item] of expected.entries()) {
    const found = compare(item, actual[index], how, [...path, index]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Each recorded element has an element of its own. */
export function compareSet(
  expected: readonly unknown[],
  actual: readonly unknown[],
  how: Comparison,
  path: Path,
): string | undefined {
  const left = [...actual];
  for (const [index, item] of expected.entries()) {
    const place = left.findIndex((candidate) => matchesAlone(item, candidate, how, path, index));
    if (place < 0) {
      const only = left.length === 1 ? compare(item, left[0], how, [...path, index]) : undefined;
      return only ?? `${path.join('.')}: nothing matches ${show(item)} among ${show(left)}`;
    }
    left.splice(place, 1);
  }
  return undefined;
}

/** Tries without keeping what was bound when it fails. */
function matchesAlone(expected: unknown, actual: unknown, how: Comparison, path: Path, index: number): boolean {
  const before = how.binding.hash;
  if (compare(expected, actual, how, [...path, index]) === undefined) return true;
  if (before === undefined) delete how.binding.hash;
  return false;
}

function compareObject(expected: Fields, actual: unknown, how: Comparison, path: Path): string | undefined {
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return difference(path, expected, actual);
  const found = actual as Fields;
  for (const [recorded, item] of Object.entries(expected)) {
    const key = keyIn(found, recorded, how);
    if (key === undefined) return difference([...path, recorded], item, undefined);
    const wrong =
      key === 'message' && severalCauses(expected)
        ? compareCauses(String(item), found[key], how, [...path, key])
        : compare(item, found[key], how, [...path, key]);
    if (wrong !== undefined) return wrong;
  }
  if (how.subset) return undefined;
  const known = new Set(Object.keys(expected).map((key) => keyIn(found, key, how)));
  const extra = Object.keys(found).find((key) => !known.has(key));
  return extra === undefined ? undefined : `${[...path, extra].join('.')}: not expected: ${show(found[extra])}`;
}

/** Keys of managedFields may hold placeholders: `k:{"uid":"<uid>"}`. */
function keyIn(found: Fields, recorded: string, how: Comparison): string | undefined {
  if (Object.hasOwn(found, recorded)) return recorded;
  if (!/[<$]/.test(recorded)) return undefined;
  return Object.keys(found).find((key) => stringMatches(recorded, key, how.variables, how.binding));
}

function severalCauses(status: Fields): boolean {
  const causes = (status.details as Fields | undefined)?.causes;
  return status.kind === 'Status' && Array.isArray(causes) && causes.length > 1;
}

/** `x is invalid: [a: b, c: d]`: the parts between the brackets are a set. */
function compareCauses(expected: string, actual: unknown, how: Comparison, path: Path): string | undefined {
  if (typeof actual !== 'string') return difference(path, expected, actual);
  if (stringMatches(expected, actual, how.variables, how.binding)) return undefined;
  const parts = (text: string): string[] => text.replace(/\]$/, '').replace(/: \[/, ', ').split(', ');
  const left = parts(actual);
  for (const part of parts(expected)) {
    const place = left.findIndex((item) => stringMatches(part, item, how.variables, how.binding));
    if (place < 0) return difference(path, expected, actual);
    left.splice(place, 1);
  }
  return left.length === 0 ? undefined : difference(path, expected, actual);
}

/** The recorded lines are among the lines, in their order where the text is YAML. */
export function compareLines(expected: readonly string[], actual: string, inOrder: boolean): string | undefined {
  const lines = actual.split('\n');
  let from = 0;
  for (const line of expected) {
    const place = lines.indexOf(line, inOrder ? from : 0);
    if (place < 0) return `line missing: ${line}`;
    from = place + 1;
  }
  return undefined;
}
