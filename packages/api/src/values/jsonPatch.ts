// JSON Patch (RFC 6902), as the annotation cnpg.io/podPatch uses it.
import { isDeepStrictEqual } from 'node:util';

export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

const words = ['add', 'remove', 'replace', 'move', 'copy', 'test'];
const withValue = ['add', 'replace', 'test'];
const withFrom = ['move', 'copy'];

/** Reads a patch; throws an Error that says what is wrong with it. */
export function parseJsonPatch(text: string): PatchOperation[] {
  const operations: unknown = JSON.parse(text);
  if (!Array.isArray(operations)) throw new Error('a JSON patch is a list of operations');
  return operations.map((item: unknown, index) => {
    const operation = typeof item === 'object' && item !== null ? new Map(Object.entries(item)) : new Map();
    const [op, path, from] = [operation.get('op'), operation.get('path'), operation.get('from')];
    if (!words.includes(op)) throw new Error(`operation ${index}: op is not one of ${words.join(', ')}`);
    if (!isPointer(path)) throw new Error(`operation ${index}: path is not a JSON pointer`);
    if (withFrom.includes(op) && !isPointer(from)) throw new Error(`operation ${index}: from is not a JSON pointer`);
    if (withValue.includes(op) && !operation.has('value')) throw new Error(`operation ${index}: ${op} needs a value`);
    return item as PatchOperation;
  });
}

const isPointer = (path: unknown) => typeof path === 'string' && (path === '' || path.startsWith('/'));

/** The document with the patch applied; the given one is left as it is. Throws when an operation does not fit. */
export function applyJsonPatch(document: unknown, patch: readonly PatchOperation[]): unknown {
  return patch.reduce((current, operation) => apply(current, operation), structuredClone(document));
}

function apply(document: unknown, { op, path, from = '', value }: PatchOperation): unknown {
  const at = tokens(path);
  switch (op) {
    case 'add':
      return change(document, at, 'add', structuredClone(value));
    case 'remove':
      return change(document, at, 'remove');
    case 'replace':
      return change(document, at, 'replace', structuredClone(value));
    case 'move': {
      if (path.startsWith(`${from}/`)) throw new Error(`cannot move ${from} into itself`);
      const moved = find(document, tokens(from));
      return change(change(document, tokens(from), 'remove'), at, 'add', moved);
    }
    case 'copy':
      return change(document, at, 'add', structuredClone(find(document, tokens(from))));
    case 'test':
      if (!isDeepStrictEqual(find(document, at), value)) throw new Error(`the value at ${path} is another one`);
      return document;
  }
}

const tokens = (path: string) =>
  path
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));

function find(document: unknown, path: readonly string[]): unknown {
  return path.reduce((current, token) => child(current, token), document);
}

function child(parent: unknown, token: string): unknown {
  if (Array.isArray(parent)) return parent[place(parent, token, parent.length - 1)];
  if (typeof parent === 'object' && parent !== null && Object.hasOwn(parent, token)) {
    return (parent as Record<string, unknown>)[token];
  }
  throw new Error(`there is no "${token}"`);
}

/** Index in a list, from 0 to `last`. */
function place(list: readonly unknown[], token: string, last: number): number {
  const index = token === '-' ? list.length : /^(0|[1-9]\d*)$/.test(token) ? Number(token) : -1;
  if (index < 0 || index > last) throw new Error(`there is no element "${token}"`);
  return index;
}

type Change = 'add' | 'remove' | 'replace';

function change(document: unknown, path: readonly string[], kind: Change, value?: unknown): unknown {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = find(document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    const index = place(parent, last, kind === 'add' ? parent.length : parent.length - 1);
    if (kind === 'add') parent.splice(index, 0, value);
    else if (kind === 'remove') parent.splice(index, 1);
    else parent[index] = value;
    return document;
  }
  if (kind !== 'add') child(parent, last);
  if (typeof parent !== 'object' || parent === null) throw new Error(`there is no place for "${last}"`);
  if (kind === 'remove') Reflect.deleteProperty(parent, last);
  // Defined, not assigned: a key such as __proto__ is then a key like any other.
  else Object.defineProperty(parent, last, { value, writable: true, enumerable: true, configurable: true });
  return document;
}
