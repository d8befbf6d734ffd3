/** Reads the body of a write: JSON or YAML, of the kind that the address asks for. */

import { ApiError, badRequest, invalid } from '../registry/errors.ts';
import type { JsonObject, ResourceInfo } from '../registry/types.ts';
import { findDuplicateKeys } from './duplicates.ts';
import { jsonComplaint } from './json-error.ts';
import { parseYaml } from './yaml.ts';

export interface Decoded {
  value: JsonObject;
  /** Sentences about keys that occur twice in one object, e.g. `duplicate field "data.a"`. */
  duplicates: string[];
}

export function unsupportedMediaType(): ApiError {
  const accepted = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
  return new ApiError(415, 'UnsupportedMediaType', message);
}

/** `application/json; charset=utf-8` -> `application/json`. No type at all is taken for JSON. */
export function mediaType(header: string | undefined): string {
  return (header ?? 'application/json').split(';')[0]?.trim().toLowerCase() || 'application/json';
}

export function decodeBody(text: string, contentType: string, kind: string): Decoded {
  if (contentType === 'application/yaml') return decodeYaml(text, kind);
  if (contentType === 'application/json') return decodeJson(text, kind);
  throw unsupportedMediaType();
}

function decodeJson(text: string, kind: string): Decoded {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unrecognized(kind, jsonComplaint(text), excerpt(text));
  }
  return {
    value: asObject(value, kind, text),
    duplicates: findDuplicateKeys(text).map((path) => `duplicate field "${path}"`),
  };
}

function decodeYaml(text: string, kind: string): Decoded {
  const { value, problem, duplicates } = parseYaml(text);
  if (problem !== undefined) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; ${problem}`,
    );
  }
  return { value: asObject(value, kind, text), duplicates };
}

/** The body of an apply: YAML, of which JSON is a part. */
export function decodeApplyBody(text: string): Decoded {
  const { value, problem, duplicates } = parseYaml(text);
  if (problem !== undefined) throw badRequest(`error decoding YAML: error converting YAML to JSON: ${problem}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('error decoding YAML: the body must be one object');
  }
  return { value: value as JsonObject, duplicates };
}

const IDENTITY =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

function asObject(value: unknown, kind: string, text: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  const found = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  if (value === null) return {};
  const name = found === 'boolean' ? 'bool' : found;
  const hex = Buffer.from(text.slice(0, 30)).toString('hex');
  throw unrecognized(kind, `json: cannot unmarshal ${name} into Go value of type ${IDENTITY}`, hex);
}

function unrecognized(kind: string, complaint: string, sample: string): ApiError {
  const start = `the object provided is unrecognized (must be of type ${kind})`;
  return badRequest(`${start}: couldn't get version/kind; json parse error: ${complaint} (${sample})`);
}

function excerpt(text: string): string {
  if (text === '') return '<empty>';
  return text.length > 30 ? `${text.slice(0, 30)} ...` : text;
}

/** `apiVersion` and `kind` against the address. Absent ones are filled in for built-in kinds. */
export function checkIdentity(
  value: JsonObject,
  info: ResourceInfo,
  known: (group: string, version: string, kind: string) => boolean,
): void {
  const expected = groupVersion(info.group, info.version);
  const apiVersion = typeof value.apiVersion === 'string' ? value.apiVersion : '';
  const kind = typeof value.kind === 'string' ? value.kind : '';
  if (info.custom !== true) {
    if (apiVersion === '') value.apiVersion = expected;
    if (kind === '') value.kind = info.kind;
  }
  if (value.apiVersion === expected && value.kind === info.kind) return;
  if (info.custom === true && value.apiVersion === expected && kind !== '') throw wrongKind(value, info, kind);
  throw badRequest(identityComplaint(value, info, expected, known));
}

function wrongKind(value: JsonObject, info: ResourceInfo, kind: string): ApiError {
  const name = String((value.metadata as JsonObject | undefined)?.name ?? '');
  const message = `Invalid value: ${JSON.stringify(kind)}: must be ${info.kind}`;
  return invalid(info.group, kind, name, [{ field: 'kind', reason: 'FieldValueInvalid', message }]);
}

function identityComplaint(
  value: JsonObject,
  info: ResourceInfo,
  expected: string,
  known: (group: string, version: string, kind: string) => boolean,
): string {
  const apiVersion = String(value.apiVersion ?? '');
  const kind = String(value.kind ?? '');
  if (info.custom === true) return customComplaint(apiVersion, kind, info, expected);
  const [group, version] = splitGroupVersion(apiVersion);
  const start = `${kind} in version "${version}" cannot be handled as a ${info.kind}`;
  if (!known(group, version, kind)) {
    const scheme = 'in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"';
    return `${start}: no kind "${kind}" is registered for version "${apiVersion}" ${scheme}`;
  }
  const internal = info.group === '' ? 'core' : (info.group.split('.')[0] ?? '');
  return `${start}: converting (${version}.${kind}) to (${internal}.${info.kind}): unknown conversion`;
}

function customComplaint(apiVersion: string, kind: string, info: ResourceInfo, expected: string): string {
  const missing = kind === '' ? 'Kind' : apiVersion === '' ? 'apiVersion' : undefined;
  if (missing === 'Kind') return "Object 'Kind' is missing";
  if (missing === 'apiVersion') return "Object 'apiVersion' is missing";
  return (
    `the API version in the data (${apiVersion}) does not match the expected API version (${expected})` +
    (kind === info.kind ? '' : ` or the kind (${kind}) does not match the expected kind (${info.kind})`)
  );
}

export function groupVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

export function splitGroupVersion(apiVersion: string): [group: string, version: string] {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}
