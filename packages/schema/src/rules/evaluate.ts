/** The rules (`x-kubernetes-validations`) of a schema, run over an object and what it was before. */

import { type CelResult, isCelError } from '@bufbuild/cel';
import { canonical, isObject, own, shown } from '../json.ts';
import { invalidValue } from '../problems.ts';
import type { FieldError, Json, JsonSchema, ValidationRule } from '../types.ts';
import { evaluator, isTransition } from './expression.ts';
import { toCel } from './values.ts';

/** `old`: undefined on create, and where the former value has no counterpart. */
export function validateRules(value: Json, old: Json | undefined, schema: JsonSchema, path = ''): FieldError[] {
  if (!hasRules(schema)) return [];
  const errors = ownRules(value, old, schema, path);
  const others = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  if (isObject(value)) {
    const before = isObject(old) ? old : undefined;
    for (const [name, item] of Object.entries(value)) {
      const property = own(schema.properties, name);
      const member = property ?? others;
      if (member === undefined || item === null) continue;
      const inner = property === undefined ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
      errors.push(...validateRules(item, own(before, name), member, inner));
    }
  } else if (Array.isArray(value) && schema.items !== undefined) {
    const former = correlate(old, schema);
    for (const [index, item] of value.entries()) {
      errors.push(...validateRules(item, former(item), schema.items, `${path}[${index}]`));
    }
  }
  return errors;
}

function ownRules(value: Json, old: Json | undefined, schema: JsonSchema, path: string): FieldError[] {
  const rules = schema['x-kubernetes-validations'];
  if (rules === undefined || rules.length === 0) return [];
  const variables: Parameters<ReturnType<typeof evaluator>>[0] = { self: toCel(value, schema) };
  if (old !== undefined) variables.oldSelf = toCel(old, schema);
  return rules.flatMap((rule) => {
    if (old === undefined && isTransition(rule.rule)) return [];
    const result = evaluate(rule.rule, variables);
    if (result === true) return [];
    const field = `${path === '' && rule.fieldPath === undefined ? '<nil>' : path}${rule.fieldPath ?? ''}`.replace(
      /^\./,
      '',
    );
    const message = messageOf(rule, variables);
    const why = isCelError(result) ? `${cause(result)} evaluating rule: ${message}` : message;
    return [withReason(rule, invalidValue(field, schema.type ?? 'object', why))];
  });
}

function evaluate(text: string, variables: Parameters<ReturnType<typeof evaluator>>[0]): CelResult | undefined {
  try {
    return evaluator(text)(variables);
  } catch {
    return undefined; // An expression that does not parse was refused with its schema.
  }
}

function cause(error: Error): string {
  return error.message.replace(/^field not found: /, 'no such key: ');
}

function messageOf(rule: ValidationRule, variables: Parameters<ReturnType<typeof evaluator>>[0]): string {
  if (rule.messageExpression !== undefined) {
    const text = evaluate(rule.messageExpression, variables);
    if (typeof text === 'string' && text.trim() !== '' && !text.includes('\n')) return text;
  }
  return rule.message === undefined || rule.message === '' ? `failed rule: ${rule.rule.trim()}` : rule.message.trim();
}

function withReason(rule: ValidationRule, error: FieldError): FieldError {
  const why = error.message.slice(error.message.indexOf(': ', 'Invalid value: '.length) + 2);
  switch (rule.reason) {
    case 'FieldValueRequired':
      return { ...error, reason: rule.reason, message: `Required value: ${why}` };
    case 'FieldValueForbidden':
      return { ...error, reason: rule.reason, message: `Forbidden: ${why}` };
    case 'FieldValueDuplicate':
      return { ...error, reason: rule.reason, message: `Duplicate value: ${shown('')}` };
    default:
      return error;
  }
}

/** Finds the former item: by its keys in a list of type map, by its value in a set, not at all in other lists. */
function correlate(old: Json | undefined, schema: JsonSchema): (item: Json) => Json | undefined {
  const keys = schema['x-kubernetes-list-type'] === 'map' ? schema['x-kubernetes-list-map-keys'] : undefined;
  if (keys === undefined || !Array.isArray(old)) return () => undefined;
  const identity = (item: Json): string => canonical(isObject(item) ? keys.map((name) => item[name] ?? null) : item);
  const former = new Map(old.map((item) => [identity(item), item]));
  return (item) => former.get(identity(item));
}

const known = new WeakMap<JsonSchema, boolean>();

/** Whether there is a rule at or below the schema. */
export function hasRules(schema: JsonSchema): boolean {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const others = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  const answer =
    (schema['x-kubernetes-validations']?.length ?? 0) > 0 ||
    (schema.items !== undefined && hasRules(schema.items)) ||
    (others !== undefined && hasRules(others)) ||
    Object.values(schema.properties ?? {}).some(hasRules);
  known.set(schema, answer);
  return answer;
}
