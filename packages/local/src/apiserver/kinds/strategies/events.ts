/** Events: one thing that is served in two groups with other names of its fields. */
import { invalid } from '../../registry/errors.ts';
import type { ApiObject, FieldError, JsonObject } from '../../registry/types.ts';
import { coreColumns } from '../columns/core.ts';
import { record, text } from '../columns/format.ts';
import type { KindParts } from '../resource.ts';
import { decodeStruct } from '../schema/decode.ts';
import { validateEvent, validateEventUpdate } from '../validation/events.ts';

/** Field of events.k8s.io, field of what is stored. */
const NAMES: readonly (readonly [served: string, stored: string])[] = [
  ['note', 'message'],
  ['regarding', 'involvedObject'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
];

function renamed(object: ApiObject, to: 'served' | 'stored'): ApiObject {
  const pairs = NAMES.map(
    ([served, stored]) => (to === 'served' ? [stored, served] : [served, stored]) as [string, string],
  );
  const names = new Map(pairs);
  const entries = Object.entries(object).map(([key, value]) => [names.get(key) ?? key, value]);
  const result = Object.fromEntries(entries) as ApiObject;
  result.apiVersion = to === 'served' ? 'events.k8s.io/v1' : 'v1';
  decodeStruct(result as JsonObject, to === 'served' ? 'events/v1.Event' : 'core/v1.Event');
  return result;
}

/** Causes are told as of the stored form, and the kind without a group. */
function refuse(event: ApiObject, errors: FieldError[]): FieldError[] {
  if (errors.length > 0) throw invalid('', 'Event', text(event.metadata.name), errors);
  return [];
}

const about = (field: string) => (event: ApiObject) => text(record(event.involvedObject)[field]);

const selectableFields = {
  'involvedObject.kind': about('kind'),
  'involvedObject.namespace': about('namespace'),
  'involvedObject.name': about('name'),
  'involvedObject.uid': about('uid'),
  'involvedObject.apiVersion': about('apiVersion'),
  'involvedObject.resourceVersion': about('resourceVersion'),
  'involvedObject.fieldPath': about('fieldPath'),
  reason: (event: ApiObject) => text(event.reason),
  reportingComponent: (event: ApiObject) => text(event.reportingComponent),
  source: (event: ApiObject) => text(record(event.source).component) || text(event.reportingComponent),
  type: (event: ApiObject) => text(event.type),
};

const asStored =
  <T>(read: (event: ApiObject) => T) =>
  (event: ApiObject): T =>
    read(renamed(structuredClone(event), 'stored'));
const servedFields = Object.fromEntries(
  Object.entries(selectableFields).map(([field, read]) => [
    field.replace('involvedObject', 'regarding'),
    asStored(read),
  ]),
);

export const eventKinds: { readonly [resource: string]: KindParts } = {
  '/events': {
    strategy: {
      names: 'path',
      createOnUpdate: true,
      validate: (event) => validateEvent(event, false),
      validateUpdate: (event, old) => validateEventUpdate(event, old, false),
    },
    selectableFields,
  },
  'events.k8s.io/events': {
    strategy: {
      names: 'path',
      createOnUpdate: true,
      validate: (event) => refuse(event, validateEvent(renamed(structuredClone(event), 'stored'), true)),
      validateUpdate: (event, old) =>
        refuse(
          event,
          validateEventUpdate(renamed(structuredClone(event), 'stored'), renamed(structuredClone(old), 'stored'), true),
        ),
    },
    selectableFields: servedFields,
    columns: (coreColumns.events ?? []).map((column) => ({
      ...column,
      cell: (event: ApiObject, now: Date) => column.cell(renamed(structuredClone(event), 'stored'), now),
    })),
    more: {
      storedAs: { group: '', resource: 'events' },
      fromStorage: (object) => renamed(object, 'served'),
      toStorage: (object) => renamed(object, 'stored'),
    },
  },
};
