/** JSON patch (RFC 6902). */

import { equal, isObject, own, put } from '../fields/json.ts';
import { ApiError, badRequest } from '../registry/errors.ts';
import type { Json, JsonObject } from '../registry/types.ts';

const OPERATIONS_LIMIT = 10_000;

/** The patch cannot be done on this object, for whatever reason: the API tells no more. */
function refused(): ApiError {
  return new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

export function applyJsonPatch(current: JsonObject, body: unknown): JsonObject {
  if (!Array.isArray(body)) {
    const kind = isObject(body) ? 'object' : typeof body;
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${kind} into Go value of type []handlers.jsonPatchOp`,
    );
  }
  if (body.length > OPERATIONS_LIMIT) {
    const message = `The allowed maximum operations in a JSON patch is ${OPERATIONS_LIMIT}, got ${body.length}`;
    throw new ApiError(413, 'RequestEntityTooLarge', message, {});
  }
  let document: Json = structuredClone(current);
  for (const operation of body) document = perform(document, isObject(operation) ? operation : {});
  if (!isObject(document)) throw refused();
  return document;
}

function perform(document: Json, operation: JsonObject): Json {
  const path = pointer(operation.path);
  switch (operation.op) {
    case 'add':
      return add(document, path, structuredClone(given(operation)));
    case 'replace':
      if (path.length > 0) remove(document, path);
      return add(document, path, structuredClone(given(operation)));
    case 'remove':
      remove(document, path);
      return document;
    case 'test':
      // A member that is not there equals null.
      if (!equal(lookup(document, path) ?? null, operation.value ?? null)) throw refused();
      return document;
    case 'copy':
      return add(document, path, structuredClone(existing(document, pointer(operation.from))));
    case 'move': {
      const from = pointer(operation.from);
      if (from.length < path.length && from.every((part, index) => part === path[index])) throw refused();
      const value = existing(document, from);
      remove(document, from);
      return add(document, path, value);
    }
    default:
      throw refused();
  }
}

function given(operation: JsonObject): Json {
  const value = own(operation, 'value');
  if (value === undefined) throw refused();
  return value;
}

function pointer(value: Json | undefined): string[] {
  if (typeof value !== 'string' || (value !== '' && !value.startsWith('/'))) throw refused();
  return value
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function lookup(document: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = document;
  for (const part of path) {
    if (Array.isArray(value)) value = value[index(part, value.length)];
    else if (isObject(value)) value = own(value, part);
    else throw refused();
  }
  return value;
}

function existing(document: Json, path: readonly string[]): Json {
  const value = lookup(document, path);
  if (value === undefined) throw refused();
  return value;
}

/** A place in a list; `-` and places outside of it are given as its length. */
function index(part: string, length: number): number {
  if (part === '-') return length;
  if (!/^-?(0|[1-9]\d*)$/.test(part)) throw refused();
  const place = Number(part) < 0 ? Number(part) + length : Number(part);
  return place < 0 || place > length ? length : place;
}

function parentOf(document: Json, path: readonly string[]): Json[] | JsonObject {
  const parent = existing(document, path.slice(0, -1));
  if (!Array.isArray(parent) && !isObject(parent)) throw refused();
  return parent;
}

function add(document: Json, path: readonly string[], value: Json): Json {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = parentOf(document, path);
  if (!Array.isArray(parent)) put(parent, last, value);
  else if (last !== '-' && Number(last) > parent.length) throw refused();
  else parent.splice(index(last, parent.length), 0, value);
  return document;
}

function remove(document: Json, path: readonly string[]): void {
  const last = path.at(-1);
  if (last === undefined) throw refused();
  const parent = parentOf(document, path);
  if (Array.isArray(parent)) {
    const place = index(last, parent.length);
    if (place >= parent.length) throw refused();
    parent.splice(place, 1);
  } else {
    if (own(parent, last) === undefined) throw refused();
    delete parent[last];
  }
}
