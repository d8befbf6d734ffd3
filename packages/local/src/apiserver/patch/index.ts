/** The three kinds of patch that change an object; the fourth, apply, is in ../fields. */

import { isObject } from '../fields/json.ts';
import { badRequest } from '../registry/errors.ts';
import type { Json, JsonObject, TypeSchema } from '../registry/types.ts';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicPatch } from './strategic.ts';

export type PatchType = 'json' | 'merge' | 'strategic';

/** The object after the patch. Neither `current` nor `body` is changed; throws ApiError. */
export function applyPatch(current: JsonObject, type: PatchType, body: unknown, schema: TypeSchema): JsonObject {
  if (type === 'json') return applyJsonPatch(current, body);
  if (!isObject(body)) {
    const kind = Array.isArray(body) ? 'array' : body === null ? 'null' : typeof body;
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
    );
  }
  if (type === 'strategic') return applyStrategicPatch(current, body, schema);
  return applyMergePatch(current, body as Json) as JsonObject;
}
