/** Unknown and duplicate fields of a body: refused, warned of, or let pass, as the client asked. */

import { findTypeError } from '../decode/types.ts';
import { OBJECT_META } from '../fields/index.ts';
import { canonical } from '../fields/json.ts';
import { type ApiError, badRequest, invalid } from '../registry/errors.ts';
import type { Json, JsonObject, ResourceInfo, TypeSchema } from '../registry/types.ts';
import type { Exchange } from './exchange.ts';
import type { FieldValidation } from './options.ts';

/** What a body at an address must be: the kind itself, or that of a subresource such as Scale. */
export interface Expected {
  kind: string;
  version: string;
  schema: TypeSchema;
  info: ResourceInfo;
}

export function cannotHandle({ kind, version }: Expected, complaint: string): ApiError {
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${complaint}`);
}

/** The body of POST and PUT. */
export function checkFields(
  exchange: Exchange,
  validation: FieldValidation,
  expected: Expected,
  value: JsonObject,
  duplicates: readonly string[],
): void {
  if (validation === 'Ignore') return;
  const unknown = exchange.core.hooks.strictDecodingErrors(value, expected.schema);
  const problems =
    expected.info.custom === true ? [...duplicates, ...unknown] : inDocumentOrder([...unknown, ...duplicates], value);
  if (problems.length === 0) return;
  if (validation === 'Strict') throw cannotHandle(expected, `strict decoding error: ${problems.join(', ')}`);
  warn(exchange, problems);
}

/** Apply names unknown fields by itself; only what its text repeats is checked here. */
export function checkApplied(
  exchange: Exchange,
  validation: FieldValidation,
  expected: Expected,
  duplicates: readonly string[],
): void {
  if (validation === 'Ignore' || duplicates.length === 0) return;
  if (validation === 'Strict') throw cannotHandle(expected, `strict decoding error: ${duplicates.join(', ')}`);
  warn(exchange, duplicates);
}

/** The object that a patch made. */
export function checkPatched(
  exchange: Exchange,
  validation: FieldValidation,
  expected: Expected,
  value: JsonObject,
): void {
  if (validation === 'Ignore') return;
  const problems = exchange.core.hooks.strictDecodingErrors(value, expected.schema);
  if (problems.length === 0) return;
  if (validation !== 'Strict') {
    warn(exchange, problems);
    return;
  }
  const message = `Invalid value: ${JSON.stringify(canonical(value))}: strict decoding error: ${problems.join(', ')}`;
  throw invalid('', '', '', [{ field: 'patch', reason: 'FieldValueInvalid', message }]);
}

/**
 * A custom resource is read before its version is looked at: in another version none of its fields is known.
 * Of its types only those of metadata are checked here, all others by its schema.
 */
export function checkCustomBody(exchange: Exchange, expected: Expected, value: JsonObject): void {
  const { info } = expected;
  if (value.apiVersion !== `${info.group}/${info.version}`) {
    const names = Object.keys(value).filter((name) => !['apiVersion', 'kind', 'metadata'].includes(name));
    warn(
      exchange,
      names.sort().map((name) => `unknown field ${JSON.stringify(name)}`),
    );
    return;
  }
  const complaint = findTypeError(value.metadata, OBJECT_META, 'ObjectMeta');
  if (complaint !== undefined) throw cannotHandle(expected, complaint);
}

function warn(exchange: Exchange, problems: readonly string[]): void {
  for (const problem of problems) if (!exchange.warnings.includes(problem)) exchange.warnings.push(problem);
}

/** Sentences end with a quoted path: they come in the order in which the document has the paths. */
function inDocumentOrder(problems: readonly string[], value: JsonObject): string[] {
  const places = new Map([...pathsOf(value, '')].map((path, index) => [JSON.stringify(path), index]));
  const place = (problem: string): number => places.get(problem.slice(problem.indexOf('"'))) ?? places.size;
  return [...problems].sort((a, b) => place(a) - place(b));
}

function* pathsOf(value: Json, path: string): Generator<string> {
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* pathsOf(item, `${path}[${index}]`);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      const inner = path === '' ? name : `${path}.${name}`;
      yield inner;
      yield* pathsOf(item, inner);
    }
  }
}
