/** Validation of volumes, claims and storage classes. */
import { checkSubdomain } from '../../meta/names.ts';
import type { ApiObject, FieldError, JsonObject } from '../../registry/types.ts';
import { record, strings, text } from '../columns/format.ts';
import { compareQuantities } from '../schema/quantity.ts';
import { difference, same } from './pod.ts';
import { forbidden, IMMUTABLE, invalid, notSupported, oneOf, required } from './problems.ts';
import { validateSelector } from './selectors.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce'];
const ACCEPTED_MODES = [...ACCESS_MODES, 'ReadWriteOncePod'];

const spec = (object: ApiObject): JsonObject => record(object.spec);

function validateModes(modes: unknown, field: string): FieldError[] {
  const given = strings(modes);
  const errors = given
    .filter((mode) => !ACCEPTED_MODES.includes(mode))
    .map((mode) => notSupported(field, mode, ACCESS_MODES));
  if (given.includes('ReadWriteOncePod') && given.length > 1) {
    errors.push(forbidden(field, 'may not use ReadWriteOncePod with other access modes'));
  }
  return errors;
}

/** What a claim asks for. */
export function requestedStorage(claim: ApiObject): string | undefined {
  const amount = record(record(spec(claim).resources).requests).storage;
  return amount === undefined ? undefined : text(amount);
}

export function validateClaim(claim: ApiObject): FieldError[] {
  const { accessModes, resources, selector, storageClassName, volumeMode } = spec(claim);
  const errors: FieldError[] = [];
  if (strings(accessModes).length === 0)
    errors.push(required('spec.accessModes', 'at least 1 access mode is required'));
  errors.push(...validateModes(accessModes, 'spec.accessModes'));
  const storage = requestedStorage(claim);
  if (storage === undefined) errors.push(required('spec.resources[storage]'));
  else if (compareQuantities(storage, '0') <= 0)
    errors.push(invalid('spec.resources[storage]', storage, 'must be greater than zero'));
  const limit = record(record(resources).limits).storage;
  if (storage !== undefined && limit !== undefined && compareQuantities(storage, text(limit)) > 0) {
    errors.push(invalid('spec.resources.requests', storage, 'must be less than or equal to storage limit'));
  }
  if (selector !== undefined) errors.push(...validateSelector(selector, 'spec.selector'));
  errors.push(...validateClassName(storageClassName, 'spec.storageClassName'));
  errors.push(...oneOf('spec.volumeMode', volumeMode, ['Block', 'Filesystem']));
  return errors;
}

function validateClassName(name: unknown, field: string): FieldError[] {
  if (text(name) === '') return [];
  return checkSubdomain(text(name)).map((why) => invalid(field, text(name), why));
}

export function validateClaimUpdate(claim: ApiObject, old: ApiObject): FieldError[] {
  const errors = validateClaim(claim);
  const bound = record(old.status).phase === 'Bound';
  const next = structuredClone(spec(claim));
  const before = spec(old);
  if (text(before.volumeName) === '') copy(next, before, 'volumeName');
  if (bound) copy(next, before, 'resources', bound);
  if (before.storageClassName === undefined) copy(next, before, 'storageClassName');
  if (!same(next, before)) {
    const why = `spec is immutable after creation except resources.requests for bound claims\n${difference(spec(claim), before)}`;
    errors.push(forbidden('spec', why));
  }
  const [now, then, held] = [requestedStorage(claim), requestedStorage(old), capacity(old)];
  if (bound && now !== undefined && then !== undefined && compareQuantities(now, then) < 0) {
    // A request that could not be met may be taken back, down to what there is.
    const recovered = held !== undefined && compareQuantities(now, held) > 0;
    if (!recovered)
      errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than previous value'));
  }
  return errors;
}

function capacity(claim: ApiObject): string | undefined {
  const amount = record(record(claim.status).capacity).storage;
  return amount === undefined ? undefined : text(amount);
}

/** Takes a field as it was, or for resources the amount of storage asked for. */
function copy(next: JsonObject, before: JsonObject, field: string, storageOnly = false): void {
  if (storageOnly) {
    const requests = record(record(next.resources).requests);
    const storage = record(record(before.resources).requests).storage;
    if (storage !== undefined) requests.storage = storage;
  } else if (before[field] === undefined) delete next[field];
  else next[field] = before[field];
}

/** Fields of a volume's spec that are not sources. */
const NOT_SOURCES = new Set([
  ...['capacity', 'accessModes', 'claimRef', 'persistentVolumeReclaimPolicy', 'storageClassName', 'mountOptions'],
  ...['volumeMode', 'nodeAffinity', 'volumeAttributesClassName'],
]);

export function validateVolume(volume: ApiObject): FieldError[] {
  const { accessModes, persistentVolumeReclaimPolicy, volumeMode, storageClassName } = spec(volume);
  const errors: FieldError[] = [];
  if (strings(accessModes).length === 0) errors.push(required('spec.accessModes'));
  errors.push(...validateModes(accessModes, 'spec.accessModes'));
  const amounts = record(spec(volume).capacity);
  if (Object.keys(amounts).length === 0) errors.push(required('spec.capacity'));
  else if (amounts.storage === undefined)
    errors.push(notSupported('spec.capacity', Object.keys(amounts)[0] ?? '', ['storage']));
  else if (compareQuantities(text(amounts.storage), '0') <= 0) {
    errors.push(invalid('spec.capacity[storage]', amounts.storage, 'must be greater than zero'));
  }
  const sources = Object.keys(spec(volume)).filter((key) => !NOT_SOURCES.has(key));
  if (sources.length === 0) errors.push(required('spec', 'must specify a volume type'));
  errors.push(...sources.slice(1).map((key) => forbidden(`spec.${key}`, 'may not specify more than 1 volume type')));
  errors.push(
    ...oneOf('spec.persistentVolumeReclaimPolicy', persistentVolumeReclaimPolicy, ['Delete', 'Recycle', 'Retain']),
  );
  errors.push(...oneOf('spec.volumeMode', volumeMode, ['Block', 'Filesystem']));
  errors.push(...validateClassName(storageClassName, 'spec.storageClassName'));
  return errors;
}

export function validateVolumeUpdate(volume: ApiObject, old: ApiObject): FieldError[] {
  const errors = validateVolume(volume);
  const sources = (of: ApiObject): JsonObject =>
    Object.fromEntries(Object.entries(spec(of)).filter(([key]) => !NOT_SOURCES.has(key)));
  if (!same(sources(volume), sources(old))) {
    errors.push(
      forbidden(
        'spec.persistentvolumesource',
        `spec.persistentvolumesource is immutable after creation\n${difference(sources(volume), sources(old))}`,
      ),
    );
  }
  if (!same(spec(volume).volumeMode, spec(old).volumeMode))
    errors.push(invalid('volumeMode', spec(volume).volumeMode, IMMUTABLE));
  return errors;
}

export function validateStorageClass(object: ApiObject): FieldError[] {
  const errors: FieldError[] = [];
  if (text(object.provisioner) === '') errors.push(required('provisioner', ''));
  errors.push(...oneOf('reclaimPolicy', object.reclaimPolicy, ['Delete', 'Retain']));
  errors.push(...oneOf('volumeBindingMode', object.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']));
  return errors;
}

export function validateStorageClassUpdate(object: ApiObject, old: ApiObject): FieldError[] {
  const errors = validateStorageClass(object);
  for (const field of ['parameters', 'provisioner', 'reclaimPolicy']) {
    if (!same(object[field], old[field])) errors.push(forbidden(field, `updates to ${field} are forbidden.`));
  }
  if (!same(object.volumeBindingMode, old.volumeBindingMode)) {
    errors.push(invalid('volumeBindingMode', object.volumeBindingMode, IMMUTABLE));
  }
  return errors;
}
