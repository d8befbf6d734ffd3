import { isSame } from '../cluster/decide/merge.ts';

export interface PatchOperation {
  op: 'add' | 'remove' | 'replace';
  path: string;
  value?: unknown;
}

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const escapeKey = (key: string): string => key.replace(/~/g, '~0').replace(/\//g, '~1');

/** RFC 6902 operations that make `next` of `previous`; lists are replaced as a whole. */
export function jsonDiff(previous: unknown, next: unknown, path = ''): PatchOperation[] {
  if (isSame(previous, next)) return [];
  if (!isObject(previous) || !isObject(next)) return [{ op: 'replace', path, value: next }];
  const removed = Object.keys(previous)
    .filter((key) => next[key] === undefined && previous[key] !== undefined)
    .map((key): PatchOperation => ({ op: 'remove', path: `${path}/${escapeKey(key)}` }));
  const written = Object.entries(next).flatMap(([key, value]): PatchOperation[] => {
    const at = `${path}/${escapeKey(key)}`;
    if (value === undefined) return [];
    return previous[key] === undefined ? [{ op: 'add', path: at, value }] : jsonDiff(previous[key], value, at);
  });
  return [...removed, ...written];
}
