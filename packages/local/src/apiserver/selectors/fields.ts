/** Field selectors: `metadata.name=a,status.phase!=Running`. Which fields there are is up to the kind. */

import { badRequest } from '../registry/errors.ts';
import type { ApiObject, ResourceInfo } from '../registry/types.ts';

export interface FieldTerm {
  field: string;
  equal: boolean;
  value: string;
}

export type FieldSelector = readonly FieldTerm[];

/** Throws ApiError 400 when the text cannot be read or the kind has no such field. */
export function parseFieldSelector(text: string, info: ResourceInfo): FieldSelector {
  const terms = splitTerms(text)
    .filter((term) => term !== '')
    .map((term) => parseTerm(term, text));
  for (const { field } of terms) checkField(field, info);
  return terms;
}

/** At commas that no backslash stands before. */
function splitTerms(text: string): string[] {
  return text.split(/(?<!\\),/);
}

function parseTerm(term: string, whole: string): FieldTerm {
  const match = /^((?:[^\\!=]|\\.)*)(!=|==|=)(.*)$/s.exec(term);
  const field = match?.[1];
  if (match === null || field === undefined) {
    throw badRequest(`invalid selector: '${whole}'; can't understand '${term}'`);
  }
  return { field, equal: match[2] !== '!=', value: (match[3] ?? '').replace(/\\([,=\\])/g, '$1') };
}

function checkField(field: string, info: ResourceInfo): void {
  if (field === 'metadata.name' || (field === 'metadata.namespace' && (info.namespaced || !info.custom))) return;
  if (info.selectableFields !== undefined && Object.hasOwn(info.selectableFields, field)) return;
  if (info.custom === true || info.selectableFields !== undefined) {
    throw badRequest(`field label not supported: ${field}`);
  }
  throw badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
}

export function matchesFields(selector: FieldSelector, object: ApiObject, info: ResourceInfo): boolean {
  return selector.every(({ field, equal, value }) => (fieldValue(field, object, info) === value) === equal);
}

function fieldValue(field: string, object: ApiObject, info: ResourceInfo): string {
  if (field === 'metadata.name') return object.metadata.name ?? '';
  if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
  return info.selectableFields?.[field]?.(object) ?? '';
}
