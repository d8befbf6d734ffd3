/** Structural schemas of CustomResourceDefinitions: pruning, defaulting, validation, rules, and what schemas are refused. */

import { applyDefaults } from './defaults.ts';
import { prune } from './prune.ts';
import { validateEmbedded, validateLists } from './resource.ts';
import { hasRules, validateRules } from './rules/evaluate.ts';
import type { FieldError, JsonObject, JsonSchema } from './types.ts';
import { validate } from './validate.ts';

export { applyDefaults } from './defaults.ts';
export { hasFormat } from './formats.ts';
export * as problems from './problems.ts';
export { prune } from './prune.ts';
export { validateEmbedded, validateLists } from './resource.ts';
export { hasRules, validateRules } from './rules/evaluate.ts';
export { schemaProblems } from './structural.ts';
export type { FieldError, Json, JsonObject, JsonSchema, ValidationRule } from './types.ts';
export { validate } from './validate.ts';

/** Drops unknown fields and nulls, and fills in defaults. Changes the object in place. */
export function completeResource(object: JsonObject, schema: JsonSchema): void {
  prune(object, schema, true);
  applyDefaults(object, schema);
}

/** Errors after which rules are not run: values may not be what the rules take them for. */
const BLOCKING = new Set(['FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany', 'FieldValueTypeInvalid']);

const UNCHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** Everything that is wrong with an instance. `old`: what it was before, on update. */
export function validateResource(object: JsonObject, old: JsonObject | undefined, schema: JsonSchema): FieldError[] {
  const errors = [...validate(object, schema), ...validateEmbedded(object, schema), ...validateLists(object, schema)];
  if (!hasRules(schema)) return errors;
  if (errors.some((error) => BLOCKING.has(error.reason))) {
    return [...errors, { field: '<nil>', reason: 'FieldValueInvalid', message: `Invalid value: "null": ${UNCHECKED}` }];
  }
  return [...errors, ...validateRules(object, old, schema)];
}
