/** kubectl's annotation of client-side apply: read when it turns to server-side apply, and kept up to date after that. */

import type { ApiObject, JsonObject, TypeSchema } from '../registry/types.ts';
import { compare, fieldSetOf, UntypedListError } from './compare.ts';
import { canonical, isObject } from './json.ts';
import { difference, EMPTY, type FieldSet, union } from './set.ts';
import { withoutEntries } from './update.ts';

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The paths that the annotation names and that still have its values. */
export function lastAppliedPaths(live: ApiObject, schema: TypeSchema): FieldSet {
  const text = live.metadata.annotations?.[LAST_APPLIED];
  if (text === undefined) return EMPTY;
  try {
    const applied: unknown = JSON.parse(text);
    if (!isObject(applied)) return EMPTY;
    const changes = compare(applied, withoutEntries(live), schema);
    const differing = union(changes.modified, union(changes.added, changes.removed));
    return difference(fieldSetOf(applied, schema), differing);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof UntypedListError) return EMPTY;
    throw error;
  }
}

/** The object with the annotation telling the configuration applied, where it has one. */
export function synchronised(object: ApiObject, applied: ApiObject): ApiObject {
  const annotations = object.metadata.annotations;
  if (annotations?.[LAST_APPLIED] === undefined) return object;
  const config = withoutEntries(applied);
  const metadata = { ...(config.metadata as JsonObject) };
  if (isObject(metadata.annotations)) {
    const { [LAST_APPLIED]: _former, ...others } = metadata.annotations;
    metadata.annotations = others;
  }
  const text = `${canonical({ ...config, metadata })}\n`;
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [LAST_APPLIED]: text } } };
}
