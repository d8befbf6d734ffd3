/** Validation of ConfigMaps and Secrets. */
import { checkConfigKey } from '../../meta/names.ts';
import type { ApiObject, FieldError } from '../../registry/types.ts';
import { record, text } from '../columns/format.ts';
import { same } from './pod.ts';
import { forbidden, IMMUTABLE, invalid, invalidText, required } from './problems.ts';

const MAX_BYTES = 1024 * 1024;
const FIXED = 'field is immutable when `immutable` is set';

function validateKeys(map: unknown, field: string): FieldError[] {
  return Object.keys(record(map)).flatMap((key) =>
    checkConfigKey(key).map((why) => invalid(`${field}[${key}]`, key, why)),
  );
}

function tooLong(field: string): FieldError {
  return { field, reason: 'FieldValueTooLong', message: `Too long: must have at most ${MAX_BYTES} bytes` };
}

export function validateConfigMap(object: ApiObject): FieldError[] {
  const [data, binary] = [record(object.data), record(object.binaryData)];
  const errors = [...validateKeys(data, 'data'), ...validateKeys(binary, 'binaryData')];
  for (const key of Object.keys(binary)) {
    if (key in data) errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
  }
  const bytes =
    Object.values(data).reduce((sum: number, value) => sum + Buffer.byteLength(text(value)), 0) +
    Object.values(binary).reduce((sum: number, value) => sum + Buffer.byteLength(text(value), 'base64'), 0);
  return bytes > MAX_BYTES ? [...errors, tooLong('')] : errors;
}

/** What may not change once `immutable` is set. */
function validateFixed(object: ApiObject, old: ApiObject, fields: readonly string[]): FieldError[] {
  if (old.immutable !== true) return [];
  const errors = fields
    .filter((field) => !same(object[field] ?? {}, old[field] ?? {}))
    .map((field) => forbidden(field, FIXED));
  return object.immutable === true ? errors : [forbidden('immutable', FIXED), ...errors];
}

export function validateConfigMapUpdate(object: ApiObject, old: ApiObject): FieldError[] {
  return [...validateFixed(object, old, ['data', 'binaryData']), ...validateConfigMap(object)];
}

const REQUIRED_KEYS: { readonly [type: string]: readonly string[] } = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};
const JSON_KEYS: { readonly [type: string]: string } = {
  'kubernetes.io/dockercfg': '.dockercfg',
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
};

export function validateSecret(object: ApiObject): FieldError[] {
  const data = record(object.data);
  const type = text(object.type);
  const errors = validateKeys(data, 'data');
  const bytes = Object.values(data).reduce((sum: number, value) => sum + Buffer.byteLength(text(value), 'base64'), 0);
  if (bytes > MAX_BYTES) errors.push(tooLong('data'));
  for (const key of REQUIRED_KEYS[type] ?? []) if (data[key] === undefined) errors.push(required(`data[${key}]`));
  if (type === 'kubernetes.io/basic-auth' && data.username === undefined && data.password === undefined) {
    errors.push(required('data[username]'), required('data[password]'));
  }
  if (type === 'kubernetes.io/service-account-token') {
    const name = object.metadata.annotations?.['kubernetes.io/service-account.name'] ?? '';
    if (name === '') errors.push(required('metadata.annotations[kubernetes.io/service-account.name]'));
  }
  const key = JSON_KEYS[type];
  if (key !== undefined && data[key] !== undefined) errors.push(...validateJson(text(data[key]), key));
  return errors;
}

/** The content is not told: it is secret. */
function validateJson(base64: string, key: string): FieldError[] {
  try {
    JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
    return [];
  } catch {
    return [invalidText(`data[${key}]`, '"<secret contents redacted>"', 'must be valid JSON')];
  }
}

export function validateSecretUpdate(object: ApiObject, old: ApiObject): FieldError[] {
  const errors = validateFixed(object, old, ['data']);
  if (object.type !== old.type) errors.push(invalid('type', object.type, IMMUTABLE));
  return [...errors, ...validateSecret(object)];
}
