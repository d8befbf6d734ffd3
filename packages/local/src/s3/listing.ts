import type { StoredObject } from './storage.ts';

export interface ListRequest {
  prefix: string;
  delimiter: string;
  maxKeys: number;
}

export interface ListPage {
  objects: StoredObject[];
  prefixes: string[];
  /** Where the next page goes on: after this key or common prefix. */
  next: string | undefined;
}

/**
 * Cuts a page from objects in order of keys. What follows the prefix up to a delimiter is told once, as a common
 * prefix; each object and each common prefix counts towards `maxKeys`.
 */
export function cutPage(objects: Iterable<StoredObject>, request: ListRequest, after: string): ListPage {
  const page: ListPage = { objects: [], prefixes: [], next: undefined };
  let last = after;
  if (request.maxKeys === 0) return page;
  for (const object of objects) {
    const common = commonPrefix(object.key, request);
    // A common prefix of an earlier page, or the one just told: all keys below it are passed over.
    if (common !== undefined && (common === last || after.startsWith(common))) continue;
    if (page.objects.length + page.prefixes.length >= request.maxKeys) return { ...page, next: last };
    if (common === undefined) page.objects.push(object);
    else page.prefixes.push(common);
    last = common ?? object.key;
  }
  return page;
}

function commonPrefix(key: string, { prefix, delimiter }: ListRequest): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}
