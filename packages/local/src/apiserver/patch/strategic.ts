/**
 * Strategic merge patch: a merge patch in which lists merge by a key of their elements, with directives beside the data:
 * `$patch: replace|delete|merge`, `$retainKeys`, `$setElementOrder/<list>` and `$deleteFromPrimitiveList/<list>`.
 */

import { equal, isObject, own, put } from '../fields/json.ts';
import { ApiError, invalid } from '../registry/errors.ts';
import type { Json, JsonObject, TypeSchema } from '../registry/types.ts';
import { inOrder } from './element-order.ts';
import { goText } from './gotext.ts';

const DELETE_LIST = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';
const RETAIN = '$retainKeys';
const PATCH = '$patch';

/** The document with the patch in it; neither is changed. */
export function applyStrategicPatch(current: JsonObject, patch: JsonObject, schema: TypeSchema): JsonObject {
  const wrong = mistyped(patch, schema);
  if (wrong !== undefined) {
    const message = `Invalid value: ${JSON.stringify(goText(patch))}: unrecognized type: ${wrong}`;
    throw invalid('', '', '', [{ field: 'patch', reason: 'FieldValueInvalid', message }]);
  }
  return mergeMaps(current, patch, schema);
}

function failed(message: string): ApiError {
  return new ApiError(500, undefined, message);
}

function mergeMaps(current: JsonObject, patch: JsonObject, schema: TypeSchema | undefined): JsonObject {
  const directive = own(patch, PATCH);
  if (directive === 'replace') return withoutDirectives(patch) as JsonObject;
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw failed(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);
  }
  const out = retained(current, patch);
  const ordered = mergeOrdered(out, patch, schema);
  for (const [name, value] of Object.entries(patch)) {
    if (ordered.has(name) || name === PATCH || name === RETAIN || name.startsWith(ORDER)) continue;
    if (name.startsWith(DELETE_LIST)) {
      const list = name.slice(DELETE_LIST.length);
      const before = own(out, list);
      if (Array.isArray(before) && Array.isArray(value)) {
        put(
          out,
          list,
          before.filter((item) => !value.some((gone) => equal(gone, item))),
        );
      }
    } else if (value === null) {
      delete out[name];
    } else {
      put(out, name, mergeValues(own(out, name), value, fieldOf(schema, name)));
    }
  }
  return out;
}

function mergeValues(before: Json | undefined, value: Json, schema: TypeSchema | undefined): Json {
  if (isObject(before) && isObject(value)) return mergeMaps(before, value, schema);
  if (Array.isArray(value)) {
    const list = schema?.type === 'list' ? schema : undefined;
    if (list === undefined || !merges(list)) return withoutDirectives(value);
    return mergeLists(Array.isArray(before) ? before : [], value, list);
  }
  return withoutDirectives(value);
}

type ListSchema = Extract<TypeSchema, { type: 'list' }>;

function merges(schema: ListSchema): boolean {
  if (schema.patchStrategy === 'replace') return false;
  return schema.patchStrategy === 'merge' || schema.patchMergeKey !== undefined;
}

function mergeLists(before: readonly Json[], patch: readonly Json[], schema: ListSchema): Json[] {
  if (!patch.some(isObject) && !before.some(isObject)) {
    const both = [...before, ...patch];
    const merged = both.filter((item, index) => both.findIndex((other) => equal(other, item)) === index);
    return inOrder(merged, patch, before, undefined);
  }
  const key = schema.patchMergeKey;
  if (key === undefined) throw failed('cannot merge lists without merge key');
  const { kept, added, replaced } = withDirectives(before, patch, key);
  if (replaced) return added.map(withoutDirectives);
  const merged = [...kept];
  for (const item of added) {
    const place = merged.findIndex((other) => sameKey(other, item, key));
    const value = mergeMaps(place < 0 ? {} : (merged[place] as JsonObject), item, schema.items);
    if (place < 0) merged.push(value);
    else merged[place] = value;
  }
  return inOrder(merged, added, kept, key);
}

/** Elements of a patch list that carry `$patch` are done here. */
function withDirectives(
  before: readonly Json[],
  patch: readonly Json[],
  key: string,
): { kept: readonly Json[]; added: JsonObject[]; replaced: boolean } {
  let kept = before;
  let replaced = false;
  const added: JsonObject[] = [];
  for (const item of patch) {
    if (!isObject(item)) throw failed('delete list or patch list holds elements of different types');
    const directive = own(item, PATCH);
    if (directive === 'replace') replaced = true;
    if (directive === 'replace' && Object.keys(item).length === 1) continue;
    if (own(item, key) === undefined) {
      throw failed(`map: ${goText(item)} does not contain declared merge key: ${key}`);
    }
    if (directive === 'delete') kept = kept.filter((other) => !sameKey(other, item, key));
    else added.push(item);
  }
  return { kept, added, replaced };
}

function sameKey(a: Json, b: Json, key: string): boolean {
  return isObject(a) && isObject(b) && equal(own(a, key), own(b, key));
}

/** Does the lists for which the patch gives an order; returns the names that are done with that. */
function mergeOrdered(out: JsonObject, patch: JsonObject, schema: TypeSchema | undefined): Set<string> {
  const done = new Set<string>();
  for (const [name, order] of Object.entries(patch)) {
    if (!name.startsWith(ORDER) || !Array.isArray(order)) continue;
    const field = name.slice(ORDER.length);
    const list = fieldOf(schema, field);
    if (list?.type !== 'list' || !merges(list)) continue;
    const [before, given] = [own(out, field), own(patch, field)];
    if (!Array.isArray(before) && !Array.isArray(given)) continue;
    const live = Array.isArray(before) ? before : [];
    const merged = Array.isArray(given) ? mergeLists(live, given, list) : live;
    const key = order.some(isObject) ? list.patchMergeKey : undefined;
    put(out, field, inOrder(merged, order, live, key));
    done.add(field);
  }
  return done;
}

/** The members that `$retainKeys` lets stay. */
function retained(current: JsonObject, patch: JsonObject): JsonObject {
  const keys = own(patch, RETAIN);
  if (!Array.isArray(keys)) return { ...current };
  const out: JsonObject = {};
  for (const [name, value] of Object.entries(current)) if (keys.includes(name)) put(out, name, value);
  return out;
}

function fieldOf(schema: TypeSchema | undefined, name: string): TypeSchema | undefined {
  if (schema?.type === 'map') return schema.values;
  return schema?.type === 'object' && Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined;
}

/** A value that comes in whole: nulls and directives in it mean nothing more. */
function withoutDirectives(value: Json): Json {
  if (Array.isArray(value))
    return value.filter((item) => !isObject(item) || own(item, PATCH) !== 'delete').map(withoutDirectives);
  if (!isObject(value)) return value;
  const out: JsonObject = {};
  for (const [name, item] of Object.entries(value)) {
    if (item !== null && !name.startsWith('$')) put(out, name, withoutDirectives(item));
  }
  return out;
}

const GO_KINDS = { integer: 'int32', boolean: 'bool', string: 'string' } as const;

/** The type of the first plain field for which the patch has a value of another one. */
function mistyped(value: Json, schema: TypeSchema | undefined): string | undefined {
  if (schema === undefined || value === null) return undefined;
  if (Array.isArray(value)) {
    const items = schema.type === 'list' ? schema.items : undefined;
    return value.map((item) => mistyped(item, items)).find((kind) => kind !== undefined);
  }
  if (isObject(value)) {
    const found = Object.entries(value).map(([name, item]) => mistyped(item, fieldOf(schema, name)));
    return found.find((kind) => kind !== undefined);
  }
  if (schema.type === 'integer' && schema.intOrString !== true && typeof value !== 'number') {
    return schema.format === 'int64' ? 'int64' : GO_KINDS.integer;
  }
  if (schema.type === 'boolean' && typeof value !== 'boolean') return GO_KINDS.boolean;
  if (schema.type === 'string' && schema.intOrString !== true && typeof value !== 'string') return GO_KINDS.string;
  return undefined;
}
