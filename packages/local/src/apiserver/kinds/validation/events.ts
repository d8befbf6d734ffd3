/** Validation of Events, in the form in which they are stored. */

import { checkQualifiedName } from '../../meta/names.ts';
import type { ApiObject, FieldError } from '../../registry/types.ts';
import { record, text } from '../columns/format.ts';
import { same } from './pod.ts';
import { IMMUTABLE, invalid, required } from './problems.ts';

function validateNamespace(event: ApiObject): FieldError[] {
  const about = text(record(event.involvedObject).namespace);
  const namespace = text(event.metadata.namespace);
  // Events about objects without a namespace are kept in `default` or `kube-system`.
  const ok = about === '' ? namespace === 'default' || namespace === 'kube-system' : about === namespace;
  return ok ? [] : [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
}

/** `strict`: of the group events.k8s.io, where everything must be told. */
export function validateEvent(event: ApiObject, strict: boolean): FieldError[] {
  const errors = validateNamespace(event);
  if (!strict && !isNew(event)) return errors;
  if (!isNew(event)) return [...errors, required('eventTime')];
  const controller = text(event.reportingComponent);
  if (controller === '') errors.push(required('reportingController'));
  else errors.push(...checkQualifiedName(controller).map((why) => invalid('reportingController', controller, why)));
  for (const field of ['reportingInstance', 'action', 'reason'] as const) {
    const limit = 128;
    if (text(event[field]) === '') errors.push(required(field));
    else if (text(event[field]).length > limit) errors.push(invalid(field, '', `can have at most ${limit} characters`));
  }
  if (text(event.message).length > 1024) errors.push(invalid('message', '', 'can have at most 1024 characters'));
  if (!['Normal', 'Warning'].includes(text(event.type))) errors.push(invalid('type', '', 'has invalid value: '));
  return errors;
}

function isNew(event: ApiObject): boolean {
  return text(event.eventTime) !== '';
}

const FIXED = [
  'involvedObject',
  'reason',
  'message',
  'type',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
  'eventTime',
];

export function validateEventUpdate(event: ApiObject, old: ApiObject, strict: boolean): FieldError[] {
  const errors = validateEvent(event, strict);
  if (!strict) return errors;
  return [
    ...FIXED.filter((field) => !same(event[field], old[field])).map((field) =>
      invalid(field, event[field] ?? '', IMMUTABLE),
    ),
    ...errors,
  ];
}
