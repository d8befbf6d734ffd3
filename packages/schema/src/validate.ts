/**
 * Validation of a value against a schema. `field` is the path in the error, `name` the path inside of its text; they
 * differ only for defaults within a schema, which are nameless.
 */

import { hasFormat } from './formats.ts';
import { canonical, isObject, own, typeName } from './json.ts';
import { matches } from './patterns.ts';
import { invalidValue, notSupported, required, tooLong, tooMany, wrongType } from './problems.ts';
import type { FieldError, Json, JsonObject, JsonSchema } from './types.ts';

export interface Place {
  field: string;
  name: string;
}

export const ROOT: Place = { field: '', name: '' };

export function validate(value: Json, schema: JsonSchema, place: Place = ROOT): FieldError[] {
  const errors: FieldError[] = [];
  visit(value, schema, place, errors);
  return errors;
}

/** The place of a member or of an item. */
export function below(place: Place, step: string | number): Place {
  const join = (path: string): string => {
    if (typeof step === 'number') return `${path}[${step}]`;
    return path === '' ? step : `${path}.${step}`;
  };
  return { field: join(place.field), name: join(place.name) };
}

function visit(value: Json, schema: JsonSchema, place: Place, errors: FieldError[]): void {
  const typed = checkType(value, schema, place, errors);
  if (value === null) {
    if (schema.nullable !== true) checkEnum(value, schema, place, errors);
    return;
  }
  checkCombined(value, schema, place, errors);
  if (typeof value === 'string') checkString(value, schema, place, errors, typed);
  else if (typeof value === 'number') checkNumber(value, schema, place, errors);
  else if (Array.isArray(value)) checkArray(value, schema, place, errors);
  checkEnum(value, schema, place, errors);
  if (isObject(value)) checkObject(value, schema, place, errors);
}

function checkType(value: Json, schema: JsonSchema, place: Place, errors: FieldError[]): boolean {
  const allowed = schema['x-kubernetes-int-or-string'] === true ? 'integer,string' : (schema.type ?? '');
  if (allowed === '' || (value === null && schema.nullable === true)) return true;
  const actual = typeName(value);
  if (allowed.split(',').includes(actual) || (allowed === 'number' && actual === 'integer')) return true;
  const why = `${place.name} in body must be of type ${allowed}: ${JSON.stringify(actual)}`;
  errors.push(wrongType(place.field, actual, why));
  return false;
}

/** Only the first thing wrong with a string is told; its format is another matter. */
function checkString(text: string, schema: JsonSchema, place: Place, errors: FieldError[], typed: boolean): void {
  const size = schema.maxLength !== undefined || schema.minLength !== undefined ? [...text].length : 0;
  const say = (why: string): number => errors.push(invalidValue(place.field, text, `${place.name} in body ${why}`));
  if (schema.maxLength !== undefined && size > schema.maxLength) errors.push(tooLong(place.field, schema.maxLength));
  else if (schema.minLength !== undefined && size < schema.minLength)
    say(`should be at least ${schema.minLength} chars long`);
  else if (schema.pattern !== undefined && !matches(schema.pattern, text)) say(`should match '${schema.pattern}'`);
  if (typed && schema.format !== undefined && !hasFormat(schema.format, text)) {
    const why = `${place.name} in body must be of type ${schema.format}: ${JSON.stringify(text)}`;
    errors.push(wrongType(place.field, text, why));
  }
}

function checkNumber(value: number, schema: JsonSchema, place: Place, errors: FieldError[]): void {
  const say = (why: string): number =>
    errors.push(invalidValue(place.field, value, `${place.name} in body should be ${why}`));
  const { minimum, maximum, multipleOf } = schema;
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) say(`a multiple of ${multipleOf}`);
  if (maximum !== undefined) {
    if (schema.exclusiveMaximum === true && value >= maximum) say(`less than ${maximum}`);
    else if (value > maximum) say(`less than or equal to ${maximum}`);
  }
  if (minimum !== undefined) {
    if (schema.exclusiveMinimum === true && value <= minimum) say(`greater than ${minimum}`);
    else if (value < minimum) say(`greater than or equal to ${minimum}`);
  }
}

function checkArray(list: readonly Json[], schema: JsonSchema, place: Place, errors: FieldError[]): void {
  const items = schema.items;
  if (items !== undefined) for (const [index, item] of list.entries()) visit(item, items, below(place, index), errors);
  if (schema.minItems !== undefined && list.length < schema.minItems) {
    const why = `${place.name} in body should have at least ${schema.minItems} items`;
    errors.push(invalidValue(place.field, list.length, why));
  }
  if (schema.maxItems !== undefined && list.length > schema.maxItems) {
    errors.push(tooMany(place.field, list.length, schema.maxItems));
  }
}

function checkEnum(value: Json, schema: JsonSchema, place: Place, errors: FieldError[]): void {
  if (schema.enum === undefined || schema.enum.length === 0) return;
  const text = canonical(value);
  if (!schema.enum.some((item) => canonical(item) === text)) errors.push(notSupported(place.field, value, schema.enum));
}

function checkObject(object: JsonObject, schema: JsonSchema, place: Place, errors: FieldError[]): void {
  const names = Object.keys(object);
  if (schema.minProperties !== undefined && names.length < schema.minProperties) {
    const why = `${place.name} in body should have at least ${schema.minProperties} properties`;
    errors.push(invalidValue(place.field, names.length, why));
  }
  if (schema.maxProperties !== undefined && names.length > schema.maxProperties) {
    errors.push(tooMany(place.field, names.length, schema.maxProperties));
  }
  for (const name of schema.required ?? []) {
    if (own(object, name) === undefined) errors.push(required(below(place, name).field));
  }
  const others = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  if (schema.properties === undefined && others === undefined) return;
  for (const name of names) {
    const member = own(schema.properties, name) ?? others;
    if (member !== undefined) visit(object[name] ?? null, member, below(place, name), errors);
  }
}

function checkCombined(value: Json, schema: JsonSchema, place: Place, errors: FieldError[]): void {
  const say = (why: string): number =>
    errors.push(invalidValue('<nil>', '', `${JSON.stringify(place.name)} must ${why}`));
  const failures = (schemas: readonly JsonSchema[]): FieldError[][] =>
    schemas.map((part) => validate(value, part, place));
  if (schema.anyOf !== undefined && schema.anyOf.length > 0) {
    const failed = failures(schema.anyOf);
    if (failed.every((list) => list.length > 0)) {
      say('validate at least one schema (anyOf)');
      errors.push(...fewest(failed));
    }
  }
  if (schema.oneOf !== undefined && schema.oneOf.length > 0) {
    const failed = failures(schema.oneOf);
    const valid = failed.filter((list) => list.length === 0).length;
    const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
    if (valid !== 1) say(`validate one and only one schema (oneOf). ${found}`);
    if (valid === 0) errors.push(...fewest(failed));
  }
  if (schema.allOf !== undefined && schema.allOf.length > 0) {
    const failed = failures(schema.allOf).filter((list) => list.length > 0);
    if (failed.length > 0)
      say(`validate all the schemas (allOf)${failed.length === schema.allOf.length ? '. None validated' : ''}`);
    errors.push(...failed.flat());
  }
  if (schema.not !== undefined && validate(value, schema.not, place).length === 0) say('not validate the schema (not)');
}

/** The errors of the alternative that came closest. */
function fewest(failed: readonly FieldError[][]): FieldError[] {
  return failed.reduce((best, list) => (list.length < best.length ? list : best), failed[0] ?? []);
}
