/** Validation of `metadata`, the same for every kind. */

import type { ApiObject, FieldError, ObjectMeta, OwnerReference, ResourceInfo } from '../registry/types.ts';
import {
  checkLabel1035,
  checkLabelName,
  checkLabelValue,
  checkPathSegment,
  checkQualifiedName,
  checkSubdomain,
} from './names.ts';

export const invalidValue = (field: string, value: unknown, why: string): FieldError => ({
  field,
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${typeof value === 'string' ? quote(value) : JSON.stringify(value)}: ${why}`,
});

export const quote = (text: string): string => JSON.stringify(text);

const required = (field: string, why: string): FieldError => ({
  field,
  reason: 'FieldValueRequired',
  message: `Required value: ${why}`,
});

const NAME_CHECKS = {
  subdomain: checkSubdomain,
  label: checkLabelName,
  label1035: checkLabel1035,
  path: checkPathSegment,
} as const;

/** A generated name gets five letters more; a dash or dot at the end of its beginning is thus allowed. */
function checkGenerateName(value: string, check: (name: string) => string[]): string[] {
  return check(value.length > 1 ? value.replace(/-$/, 'a') : value);
}

export function validateMetadata(object: ApiObject, info: ResourceInfo): FieldError[] {
  const { metadata } = object;
  const check = NAME_CHECKS[info.strategy.names ?? 'subdomain'];
  const errors: FieldError[] = [];
  if (metadata.generateName !== undefined && metadata.generateName !== '') {
    const complaints = checkGenerateName(metadata.generateName, check);
    errors.push(...complaints.map((why) => invalidValue('metadata.generateName', metadata.generateName, why)));
  }
  const name = metadata.name ?? '';
  if (name === '') errors.push(required('metadata.name', 'name or generateName is required'));
  else errors.push(...check(name).map((why) => invalidValue('metadata.name', name, why)));
  return [...errors, ...validateCommon(metadata)];
}

function validateCommon(metadata: ObjectMeta): FieldError[] {
  return [
    ...validateLabels(metadata.labels ?? {}, 'metadata.labels'),
    ...validateAnnotations(metadata.annotations ?? {}),
    ...validateOwners(metadata.ownerReferences ?? []),
    ...validateFinalizers(metadata.finalizers ?? []),
  ];
}

export function validateLabels(labels: { readonly [key: string]: string }, field: string): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...checkQualifiedName(key).map((why) => invalidValue(field, key, why)),
    ...checkLabelValue(value).map((why) => invalidValue(field, value, why)),
  ]);
}

const MAX_ANNOTATION_BYTES = 256 * 1024;

function validateAnnotations(annotations: { readonly [key: string]: string }): FieldError[] {
  const entries = Object.entries(annotations);
  const errors = entries.flatMap(([key]) =>
    checkQualifiedName(key.toLowerCase()).map((why) => invalidValue('metadata.annotations', key, why)),
  );
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (bytes <= MAX_ANNOTATION_BYTES) return errors;
  const message = `Too long: must have at most ${MAX_ANNOTATION_BYTES} bytes`;
  return [...errors, { field: 'metadata.annotations', reason: 'FieldValueTooLong', message }];
}

function validateOwners(owners: readonly OwnerReference[]): FieldError[] {
  const errors: FieldError[] = [];
  const field = 'metadata.ownerReferences';
  for (const owner of owners) {
    const version = owner.apiVersion ?? '';
    if (version === '') errors.push(invalidValue(`${field}.apiVersion`, version, 'version must not be empty'));
    for (const key of ['kind', 'name', 'uid'] as const) {
      if ((owner[key] ?? '') === '') errors.push(invalidValue(`${field}.${key}`, '', `${key} must not be empty`));
    }
  }
  const [first, second] = owners.filter((owner) => owner.controller === true);
  if (first !== undefined && second !== undefined) {
    const why =
      'Only one reference can have Controller set to true. Found "true" in references for ' +
      `${first.kind}/${first.name} and ${second.kind}/${second.name}`;
    const message = `Invalid value: ${ownersText(owners)}: ${why}`;
    errors.push({ field, reason: 'FieldValueInvalid', message });
  }
  return errors;
}

/** The list as the API prints it. A pointer's address means nothing; any will do. */
function ownersText(owners: readonly OwnerReference[]): string {
  const pointer = (value: boolean | undefined): string => `(*bool)(${value === undefined ? 'nil' : '0xc000000000'})`;
  const one = (owner: OwnerReference): string =>
    `v1.OwnerReference{APIVersion:${quote(owner.apiVersion)}, Kind:${quote(owner.kind)}, Name:${quote(owner.name)}, ` +
    `UID:${quote(owner.uid)}, Controller:${pointer(owner.controller)}, ` +
    `BlockOwnerDeletion:${pointer(owner.blockOwnerDeletion)}}`;
  return `[]v1.OwnerReference{${owners.map(one).join(', ')}}`;
}

const STANDARD_FINALIZERS = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

function validateFinalizers(finalizers: readonly string[]): FieldError[] {
  const field = 'metadata.finalizers';
  const errors = finalizers.flatMap((finalizer, index) => {
    const complaints = checkQualifiedName(finalizer);
    if (complaints.length > 0) return complaints.map((why) => invalidValue(`${field}[${index}]`, finalizer, why));
    if (finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)) return [];
    const why = 'name is neither a standard finalizer name nor is it fully qualified';
    return [invalidValue(`${field}[${index}]`, finalizer, why)];
  });
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalidValue(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

/** On update: what the server set stays. Such a cause stands twice in the answers of the API: it is checked twice there. */
export function validateMetadataUpdate(next: ApiObject, old: ApiObject): FieldError[] {
  const [meta, before] = [next.metadata, old.metadata];
  const errors = validateCommon(meta);
  if (before.deletionTimestamp !== undefined) {
    const added = (meta.finalizers ?? []).filter((name) => !(before.finalizers ?? []).includes(name));
    if (added.length > 0) errors.push(newFinalizers(added), newFinalizers(added));
  }
  for (const key of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp'] as const) {
    if (meta[key] !== before[key]) {
      const error = invalidValue(`metadata.${key}`, meta[key] ?? '', 'field is immutable');
      errors.push(error, error);
    }
  }
  return errors;
}

function newFinalizers(added: readonly string[]): FieldError {
  const list = added.map(quote).join(', ');
  const why = 'no new finalizers can be added if the object is being deleted';
  return {
    field: 'metadata.finalizers',
    reason: 'FieldValueForbidden',
    message: `Forbidden: ${why}, found new finalizers []string{${list}}`,
  };
}
