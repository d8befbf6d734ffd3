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
    rows: input.objects.map((object) => ({
      cells: info.columns.map((column) => column.cell(object, input.now)),
      object: rowObject(object, input),
    })),
  };
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
