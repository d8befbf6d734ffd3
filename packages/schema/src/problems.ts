/** The kinds of field errors, each with its reason and the form of its text. */

import { shown } from './json.ts';
import type { FieldError, Json } from './types.ts';

export function invalidValue(field: string, value: Json, why: string): FieldError {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${shown(value)}: ${why}` };
}

export function wrongType(field: string, value: Json, why: string): FieldError {
  return { field, reason: 'FieldValueTypeInvalid', message: `Invalid value: ${shown(value)}: ${why}` };
}

export function required(field: string, why = ''): FieldError {
  return { field, reason: 'FieldValueRequired', message: why === '' ? 'Required value' : `Required value: ${why}` };
}

export function forbidden(field: string, why: string): FieldError {
  return { field, reason: 'FieldValueForbidden', message: `Forbidden: ${why}` };
}

export function duplicate(field: string, value: Json): FieldError {
  return { field, reason: 'FieldValueDuplicate', message: `Duplicate value: ${shown(value)}` };
}

export function tooLong(field: string, limit: number): FieldError {
  return { field, reason: 'FieldValueTooLong', message: `Too long: may not be longer than ${limit}` };
}

export function tooMany(field: string, count: number, limit: number): FieldError {
  return { field, reason: 'FieldValueTooMany', message: `Too many: ${count}: must have at most ${limit} items` };
}

export function notSupported(field: string, value: Json, supported: readonly Json[]): FieldError {
  const names = supported.map((item) => JSON.stringify(typeof item === 'string' ? item : shown(item)));
  const message = `Unsupported value: ${shown(value)}: supported values: ${names.join(', ')}`;
  return { field, reason: 'FieldValueNotSupported', message };
}
