/** Causes of a refusal, in the words that clients know. */
import type { FieldError } from '../../registry/types.ts';

/** A value as messages show it: text in quotes, numbers bare. */
export function shown(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value)
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
}

/** A list of texts as messages show it. */
export function shownStrings(values: readonly string[]): string {
  return `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`;
}

/** A map of texts as messages show it, in the order of its keys. */
export function shownMap(map: { readonly [key: string]: unknown }): string {
  const entries = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[string]string{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(', ')}}`;
}

/** `value` is what `shown` gives, or a rendering of one's own. */
export function invalidText(field: string, value: string, why: string): FieldError {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${value}: ${why}` };
}

export function invalid(field: string, value: unknown, why: string): FieldError {
  return invalidText(field, shown(value), why);
}

export function required(field: string, why = ''): FieldError {
  return { field, reason: 'FieldValueRequired', message: why === '' ? 'Required value' : `Required value: ${why}` };
}

export function forbidden(field: string, why: string): FieldError {
  return { field, reason: 'FieldValueForbidden', message: `Forbidden: ${why}` };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { field, reason: 'FieldValueDuplicate', message: `Duplicate value: ${shown(value)}` };
}

export function notFound(field: string, value: unknown): FieldError {
  return { field, reason: 'FieldValueNotFound', message: `Not found: ${shown(value)}` };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((item) => JSON.stringify(item)).join(', ');
  return {
    field,
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${shown(value)}: supported values: ${list}`,
  };
}

/** Nothing when `value` is one of `supported`. */
export function oneOf(field: string, value: unknown, supported: readonly string[]): FieldError[] {
  return typeof value === 'string' && supported.includes(value) ? [] : [notSupported(field, value ?? '', supported)];
}

export const IMMUTABLE = 'field is immutable';

export function nonNegative(field: string, value: unknown): FieldError[] {
  return typeof value === 'number' && value < 0 ? [invalid(field, value, 'must be greater than or equal to 0')] : [];
}

export function portNumber(field: string, value: unknown): FieldError[] {
  const valid = typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535;
  return valid ? [] : [invalid(field, value ?? 0, 'must be between 1 and 65535, inclusive')];
}

const ONLY = 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)';

/** What is wrong with the name of a port. */
export function checkPortName(name: string): string[] {
  const problems: string[] = [];
  if (name.length > 15) problems.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name)) problems.push(ONLY);
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)');
  if (name.includes('--')) problems.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems;
}

/** A port given by number or by name. */
export function portReference(field: string, value: unknown): FieldError[] {
  if (typeof value === 'string') return checkPortName(value).map((why) => invalid(field, value, why));
  return portNumber(field, value);
}

export function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

export function isIP(text: string): boolean {
  return (
    isIPv4(text) ||
    (text.includes(':') && /^[0-9a-fA-F:]+(\d+\.\d+\.\d+\.\d+)?$/.test(text) && URL.canParse(`http://[${text}]/`))
  );
}
