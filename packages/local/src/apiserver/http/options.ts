/** Query parameters of lists and writes. */

import { ApiError, badRequest, invalid } from '../registry/errors.ts';
import type { FieldError, JsonObject, ResourceInfo } from '../registry/types.ts';
import { parseFieldSelector } from '../selectors/fields.ts';
import { parseLabelSelector } from '../selectors/labels.ts';
import type { DeleteOptions } from '../verbs/delete.ts';
import type { ListOptions } from '../verbs/list.ts';

function optionsInvalid(kind: string, error: FieldError): ApiError {
  return invalid('meta.k8s.io', kind, '', [error]);
}

function unsupported(field: string, value: string, supported: readonly string[]): FieldError {
  const list = supported.map((item) => JSON.stringify(item)).join(', ');
  return { field, reason: 'FieldValueNotSupported', message: `Unsupported value: ${value}: supported values: ${list}` };
}

function parseInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

export const isTrue = (text: string | null): boolean => text !== null && text !== '0' && text !== 'false';

export function listOptions(query: URLSearchParams, info: ResourceInfo): ListOptions {
  const options: ListOptions = {
    labels: parseLabelSelector(query.get('labelSelector') ?? ''),
    fields: parseFieldSelector(query.get('fieldSelector') ?? '', info),
    limit: parseInteger(query, 'limit') ?? 0,
    continueToken: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
  };
  return options;
}

/** Rules between the options of a list; a watch has others. */
export function checkListOptions(options: ListOptions): void {
  const { resourceVersion, resourceVersionMatch: match, continueToken } = options;
  const field = 'resourceVersionMatch';
  const refuse = (message: string): never => {
    throw optionsInvalid('ListOptions', { field, reason: 'FieldValueForbidden', message: `Forbidden: ${message}` });
  };
  if (match !== '') {
    if (resourceVersion === '') refuse('resourceVersionMatch is forbidden unless resourceVersion is provided');
    if (continueToken !== '') refuse('resourceVersionMatch is forbidden when continue is provided');
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      throw optionsInvalid('ListOptions', unsupported(field, JSON.stringify(match), ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      refuse('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (continueToken !== '' && resourceVersion !== '' && resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  checkVersion(resourceVersion);
}

export function checkVersion(resourceVersion: string): void {
  if (/^\d*$/.test(resourceVersion)) return;
  const quoted = JSON.stringify(resourceVersion);
  const message = `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`;
  throw new ApiError(500, undefined, message);
}

export interface WatchParameters {
  timeoutSeconds: number | undefined;
  bookmarks: boolean;
}

export function watchParameters(query: URLSearchParams): WatchParameters {
  return {
    timeoutSeconds: parseInteger(query, 'timeoutSeconds'),
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
  };
}

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface WriteParameters {
  dryRun: boolean;
  fieldManager: string;
  fieldValidation: FieldValidation;
  force: boolean | undefined;
}

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

export function writeParameters(query: URLSearchParams, kind: OptionsKind, userAgent: string): WriteParameters {
  const dryRun = query.getAll('dryRun');
  if (dryRun.some((value) => value !== 'All')) throw dryRunInvalid(kind, dryRun);
  const fieldManager = query.get('fieldManager') ?? '';
  if (fieldManager.length > 128) {
    const message = 'Too long: must have at most 128 bytes';
    throw optionsInvalid(kind, { field: 'fieldManager', reason: 'FieldValueTooLong', message });
  }
  const fieldValidation = query.get('fieldValidation') ?? '';
  if (!['', 'Ignore', 'Warn', 'Strict'].includes(fieldValidation)) {
    const supported = ['', 'Ignore', 'Strict', 'Warn'];
    throw optionsInvalid(kind, unsupported('fieldValidation', JSON.stringify(fieldValidation), supported));
  }
  const force = query.get('force');
  return {
    dryRun: dryRun.length > 0,
    fieldManager: fieldManager === '' ? managerFromAgent(userAgent) : fieldManager,
    fieldValidation: (fieldValidation === '' ? 'Warn' : fieldValidation) as FieldValidation,
    force: force === null ? undefined : isTrue(force),
  };
}

function dryRunInvalid(kind: string, values: readonly string[]): ApiError {
  const list = `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`;
  return optionsInvalid(kind, unsupported('dryRun', list, ['All']));
}

/** `kubectl/v1.32 (linux)` -> `kubectl`. */
export function managerFromAgent(agent: string): string {
  return (agent.split('/')[0] ?? '').slice(0, 128) || 'unknown';
}

/** An apply must name its manager; any other patch may not force. */
export function checkPatchOptions(query: URLSearchParams, apply: boolean): void {
  const force = query.get('force');
  if (!apply && force !== null) {
    const message = 'Forbidden: may not be specified for non-apply patch';
    throw optionsInvalid('PatchOptions', { field: 'force', reason: 'FieldValueForbidden', message });
  }
  if (apply && (query.get('fieldManager') ?? '') === '') {
    const message = 'Required value: is required for apply patch';
    throw optionsInvalid('PatchOptions', { field: 'fieldManager', reason: 'FieldValueRequired', message });
  }
}

export interface ParsedDelete {
  options: DeleteOptions;
  dryRun: boolean;
}

const POLICIES = ['Foreground', 'Background', 'Orphan'];

/** From the body where there is one, else from the query. */
export function deleteOptions(query: URLSearchParams, body: JsonObject | undefined): ParsedDelete {
  const source = body ?? fromQuery(query);
  const dryRun = Array.isArray(source.dryRun) ? source.dryRun.map(String) : [];
  if (dryRun.some((value) => value !== 'All')) throw dryRunInvalid('DeleteOptions', dryRun);
  const policy = source.propagationPolicy;
  const field = 'propagationPolicy';
  if (typeof policy === 'string' && typeof source.orphanDependents === 'boolean') {
    const message = `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`;
    throw optionsInvalid('DeleteOptions', { field, reason: 'FieldValueInvalid', message });
  }
  if (typeof policy === 'string' && !POLICIES.includes(policy)) {
    throw optionsInvalid('DeleteOptions', unsupported(field, JSON.stringify(policy), [...POLICIES, 'nil']));
  }
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions } = source as DeleteOptions;
  return {
    dryRun: dryRun.length > 0,
    options: {
      ...(typeof gracePeriodSeconds === 'number' ? { gracePeriodSeconds: Math.max(gracePeriodSeconds, 0) } : {}),
      ...(typeof propagationPolicy === 'string' ? { propagationPolicy } : {}),
      ...(typeof orphanDependents === 'boolean' ? { orphanDependents } : {}),
      ...(typeof preconditions === 'object' && preconditions !== null ? { preconditions } : {}),
    },
  };
}

function fromQuery(query: URLSearchParams): JsonObject {
  const grace = parseInteger(query, 'gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  const orphan = query.get('orphanDependents');
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(policy === null || policy === '' ? {} : { propagationPolicy: policy }),
    ...(orphan === null ? {} : { orphanDependents: isTrue(orphan) }),
    dryRun: query.getAll('dryRun'),
  };
}
