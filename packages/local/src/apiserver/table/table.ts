/** Objects as rows for a person: what `kubectl get` prints. */

import { badRequest } from '../registry/errors.ts';
import type { ApiObject, JsonObject, ResourceInfo, TableColumn } from '../registry/types.ts';

export type IncludeObject = 'Metadata' | 'Object' | 'None';

export function includeObject(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') ?? '';
  if (value === '' || value === 'Metadata') return 'Metadata';
  if (value === 'Object' || value === 'None') return value;
  const why = "must be 'Metadata', 'Object', 'None', or empty";
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: ${why}`,
  );
}

export interface TableInput {
  info: ResourceInfo;
  objects: readonly ApiObject[];
  metadata: JsonObject;
  version: string;
  include: IncludeObject;
  now: Date;
  /** Later events of a watch go without the definitions. */
  definitions: boolean;
}

export function renderTable(input: TableInput): JsonObject {
  const { info } = input;
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${input.version}`,
    metadata: input.metadata,
    columnDefinitions: input.definitions ? info.columns.map(definition) : null,
    rows: rowsOf(input),
  };
}

/** Kinds without columns of their own have null for no rows. */
function rowsOf(input: TableInput): JsonObject[] | null {
  const { info, objects, now } = input;
  const plain = info.columns.length <= 2 && info.columns.at(-1)?.name === 'Created At';
  if (objects.length === 0 && plain) return null;
  return objects.map((object) => {
    const conditions = rowConditions(info, object);
    return {
      cells: info.columns.map((column) => column.cell(object, now)),
      ...(conditions.length === 0 ? {} : { conditions }),
      object: rowObject(object, input),
    };
  });
}

const ENDED: { readonly [phase: string]: string } = {
  Succeeded: 'The pod has completed successfully.',
  Failed: 'The pod failed.',
};

/** Pods that are over say so beside their cells. */
function rowConditions(info: ResourceInfo, object: ApiObject): JsonObject[] {
  if (info.group !== '' || info.resource !== 'pods') return [];
  const reason = (object.status as { phase?: string } | undefined)?.phase ?? '';
  const message = ENDED[reason];
  return message === undefined ? [] : [{ type: 'Completed', status: 'True', reason, message }];
}

function definition({ name, type, format, description, priority }: TableColumn): JsonObject {
  return { name, type, format, description, priority };
}

function rowObject(object: ApiObject, { include, version }: TableInput): JsonObject | null {
  if (include === 'None') return null;
  if (include === 'Object') return object as unknown as JsonObject;
  return metadataOnly(object, version);
}

/** PartialObjectMetadata. */
export function metadataOnly(object: ApiObject, version: string): JsonObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: object.metadata as unknown as JsonObject,
  };
}
