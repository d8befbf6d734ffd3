/** JSON merge patch (RFC 7386). */

import { isObject, own, put } from '../fields/json.ts';
import type { Json, JsonObject } from '../registry/types.ts';

/** The document with the patch in it; neither is changed. */
export function applyMergePatch(current: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const out: JsonObject = isObject(current) ? { ...current } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete out[name];
    else put(out, name, applyMergePatch(own(out, name), value));
  }
  return out;
}
