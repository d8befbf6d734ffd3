/** Makes a ResourceInfo of a line of the catalogue. */

import { badRequest } from '../registry/errors.ts';
import type { ApiObject, JsonObject, ResourceInfo, Strategy, TableColumn } from '../registry/types.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { ageColumn, nameColumn } from './columns/format.ts';
import { DecodeError, decodeStruct } from './schema/decode.ts';
import { typeSchema } from './schema/typeschema.ts';
import { same } from './validation/pod.ts';

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

export type SelectableFields = NonNullable<ResourceInfo['selectableFields']>;

/** What a kind has of its own beside its line in the catalogue. */
export interface KindParts {
  strategy?: Strategy;
  columns?: readonly TableColumn[];
  selectableFields?: SelectableFields;
  /** What metadata.generation counts changes of, where it is not `spec`. */
  versioned?(object: ApiObject): unknown;
  more?: Partial<ResourceInfo>;
}

export function resourceInfo(entry: CatalogueEntry, parts: KindParts): ResourceInfo {
  return {
    group: entry.group,
    version: entry.version,
    kind: entry.kind,
    listKind: `${entry.kind}List`,
    resource: entry.resource,
    singular: entry.kind.toLowerCase(),
    shortNames: entry.shortNames ?? [],
    categories: entry.categories ?? [],
    namespaced: entry.namespaced,
    verbs: entry.deleteCollection === false ? VERBS : ALL_VERBS,
    subresources: entry.subresources ?? [],
    storageVersion: entry.version,
    generation: entry.generation === true,
    get schema() {
      return typeSchema(entry.type);
    },
    strategy: completeStrategy(entry, parts),
    columns: parts.columns ?? [nameColumn, ageColumn],
    ...(parts.selectableFields === undefined ? {} : { selectableFields: parts.selectableFields }),
    ...parts.more,
  };
}

/** Puts in front of a kind's own steps what all of them share. */
function completeStrategy(entry: CatalogueEntry, parts: KindParts): Strategy {
  const own = parts.strategy ?? {};
  const versioned = parts.versioned ?? ((object: ApiObject) => object.spec);
  const hasStatus = entry.subresources?.includes('status') === true;
  return {
    ...own,
    setDefaults(object) {
      normalize(object, entry);
      own.setDefaults?.(object);
    },
    prepareForCreate(object, context) {
      if (hasStatus) resetStatus(object, entry.type);
      if (entry.generation === true) object.metadata.generation = 1;
      own.prepareForCreate?.(object, context);
    },
    prepareForUpdate(object, old, context) {
      if (hasStatus) keepStatus(object, old);
      own.prepareForUpdate?.(object, old, context);
      if (entry.generation === true && !same(versioned(object), versioned(old))) {
        object.metadata.generation = (old.metadata.generation ?? 0) + 1;
      }
    },
    prepareForStatusUpdate(object, old) {
      keepAllButStatus(object, old);
      own.prepareForStatusUpdate?.(object, old);
    },
  };
}

/** Brings an object into the form on the wire. Throws ApiError 400 for a value that its field cannot hold. */
export function normalize(
  object: ApiObject,
  { kind, version, type }: Pick<CatalogueEntry, 'kind' | 'version' | 'type'>,
): void {
  try {
    decodeStruct(object as JsonObject, type);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${error.message}`);
  }
}

function resetStatus(object: ApiObject, type: string): void {
  const fresh: JsonObject = { metadata: {} };
  decodeStruct(fresh, type);
  if (fresh.status === undefined) delete object.status;
  else object.status = fresh.status;
}

function keepStatus(object: ApiObject, old: ApiObject): void {
  if (old.status === undefined) delete object.status;
  else object.status = old.status;
}

/** A write to `status` changes labels and annotations nowhere but in its own kind: all else is taken from `old`. */
function keepAllButStatus(object: ApiObject, old: ApiObject): void {
  for (const key of Object.keys(object)) {
    if (!KEPT.has(key)) delete object[key];
  }
  for (const [key, value] of Object.entries(old)) {
    if (!KEPT.has(key)) object[key] = value;
  }
}

const KEPT = new Set(['apiVersion', 'kind', 'metadata', 'status']);
