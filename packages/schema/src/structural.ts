/**
 * Whether a schema is one that the API server takes. First what is wrong with single words, then, when nothing is,
 * whether the schema is structural: every value has one declared type, outside of anyOf, allOf, oneOf and not.
 */

import { isObject } from './json.ts';
import { patternProblem } from './patterns.ts';
import { forbidden, invalidValue, notSupported, required } from './problems.ts';
import { prune } from './prune.ts';
import { validateLists } from './resource.ts';
import { ruleProblem } from './rules/compile.ts';
import { isTransition } from './rules/expression.ts';
import type { FieldError, Json, JsonSchema, ValidationRule } from './types.ts';
import { validate } from './validate.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const MUST_BE_EMPTY = 'must be empty to be structural';

interface Node {
  schema: JsonSchema;
  path: string;
  /** `object`: a property; `array`: items. */
  parent: 'root' | 'object' | 'array';
  /** Inside of anyOf and the like. */
  logical: boolean;
  /** The path of the list within which former values cannot be found. */
  uncorrelated?: string;
  required?: boolean;
}

/** What is wrong with the schema of an object; `path` is where it stands. */
export function schemaProblems(schema: JsonSchema, path: string): FieldError[] {
  const root: Node = { schema, path, parent: 'root', logical: false };
  const nodes = [...walk(root)];
  const words = nodes.flatMap(checkWords);
  if (words.length > 0) return words;
  const structure = nodes.flatMap(checkStructure);
  if (structure.length > 0) return structure;
  return [...nodes.flatMap(checkDefault), ...nodes.flatMap(checkRules)];
}

function* walk(node: Node): Generator<Node> {
  yield node;
  const { schema, path, logical } = node;
  const inherited = node.uncorrelated === undefined ? {} : { uncorrelated: node.uncorrelated };
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    yield* walk({ schema: property, path: `${path}.properties[${name}]`, parent: 'object', logical, ...inherited });
  }
  if (isSchema(schema.additionalProperties)) {
    yield* walk({
      schema: schema.additionalProperties,
      path: `${path}.additionalProperties`,
      parent: 'object',
      logical,
      ...inherited,
    });
  }
  if (schema.items !== undefined) {
    const loose = schema['x-kubernetes-list-type'] === 'map' ? inherited : { uncorrelated: node.uncorrelated ?? path };
    yield* walk({ schema: schema.items, path: `${path}.items`, parent: 'array', logical, ...loose });
  }
  for (const word of ['anyOf', 'allOf', 'oneOf'] as const) {
    for (const [index, part] of (schema[word] ?? []).entries()) {
      yield* walk({ ...node, schema: part, path: `${path}.${word}[${index}]`, logical: true });
    }
  }
  if (schema.not !== undefined) yield* walk({ ...node, schema: schema.not, path: `${path}.not`, logical: true });
}

function isSchema(value: JsonSchema | boolean | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}

function checkWords({ schema, path, parent }: Node): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.$ref !== undefined) errors.push(forbidden(`${path}.$ref`, '$ref is not supported'));
  if (schema.uniqueItems === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbidden(`${path}.uniqueItems`, why));
  }
  if (
    schema.properties !== undefined &&
    schema.additionalProperties !== undefined &&
    Object.keys(schema.properties).length > 0
  ) {
    const why = 'additionalProperties and properties are mutual exclusive';
    if (schema.additionalProperties !== false) errors.push(forbidden(`${path}.additionalProperties`, why));
  }
  if (schema.additionalProperties === false) {
    errors.push(forbidden(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'));
  }
  if (schema.type !== undefined && schema.type !== '' && !TYPES.includes(schema.type)) {
    errors.push(notSupported(`${path}.type`, schema.type, TYPES));
  }
  if (parent === 'root' && schema.type !== undefined && schema.type !== 'object' && TYPES.includes(schema.type)) {
    errors.push(invalidValue(`${path}.type`, schema.type, 'must be object at the root'));
  }
  const pattern = schema.pattern === undefined ? undefined : patternProblem(schema.pattern);
  if (pattern !== undefined) {
    const why = `must be a valid regular expression, but isn't: ${pattern}`;
    errors.push(invalidValue(`${path}.pattern`, schema.pattern ?? '', why));
  }
  return [...errors, ...checkList(schema, path)];
}

function checkList(schema: JsonSchema, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const at = (word: string): string => `${path}.${word}`;
  if (type === undefined) return [];
  if (!['atomic', 'set', 'map'].includes(type)) {
    return [notSupported(at('x-kubernetes-list-type'), type, ['atomic', 'map', 'set'])];
  }
  if (schema.type !== 'array') {
    return [invalidValue(at('type'), schema.type ?? '', 'must be array if x-kubernetes-list-type is specified')];
  }
  if (type !== 'map') return [];
  if (keys.length === 0) {
    return [required(at('x-kubernetes-list-map-keys'), 'must not be empty if x-kubernetes-list-type is map')];
  }
  if (schema.items?.type !== 'object') {
    const why = 'items must have a schema of type object when x-kubernetes-list-type is map';
    return [required(at('items'), why)];
  }
  return keys.flatMap((key, index) => checkKey(schema, key, index, path));
}

function checkKey(schema: JsonSchema, key: string, index: number, path: string): FieldError[] {
  const property = schema.items?.properties?.[key];
  if (property === undefined) {
    const why = 'entries must all be names of item properties';
    return [invalidValue(`${path}.x-kubernetes-list-map-keys[${index}]`, key, why)];
  }
  const where = `${path}.items.properties[${key}]`;
  if (property.type === 'object' || property.type === 'array') {
    return [
      invalidValue(
        `${where}.type`,
        property.type,
        "must be a scalar type if parent array's x-kubernetes-list-type is map",
      ),
    ];
  }
  if (property.default !== undefined || schema.items?.required?.includes(key) === true) return [];
  const why = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
  return [required(`${where}.default`, why)];
}

const NOT_LOGICAL = ['type', 'default', 'title', 'description', 'additionalProperties', 'nullable'] as const;

function checkStructure(node: Node): FieldError[] {
  const { schema, path, parent } = node;
  if (node.logical) return checkLogical(node);
  const errors: FieldError[] = [];
  const untyped =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if ((schema.type === undefined || schema.type === '') && (!untyped || parent === 'root')) {
    const places = { root: 'at the root', object: 'for specified object fields', array: 'for specified array items' };
    errors.push(required(`${path}.type`, `must not be empty ${places[parent]}`));
  }
  if (schema['x-kubernetes-int-or-string'] === true && schema.type !== undefined && schema.type !== '') {
    errors.push(forbidden(`${path}.type`, 'must be empty if x-kubernetes-int-or-string is true'));
  }
  if (schema['x-kubernetes-embedded-resource'] === true && schema.type !== 'object') {
    errors.push(
      invalidValue(`${path}.type`, schema.type ?? '', 'must be object if x-kubernetes-embedded-resource is true'),
    );
  }
  if (schema.type === 'array' && schema.items === undefined)
    errors.push(required(`${path}.items`, 'must be specified'));
  if (parent === 'root' || schema['x-kubernetes-embedded-resource'] === true)
    errors.push(...checkMetadata(schema, path));
  return errors;
}

function checkLogical({ schema, path }: Node): FieldError[] {
  const isIntOrString =
    /\.anyOf\[\d+\]$/.test(path) &&
    ['integer', 'string'].includes(schema.type ?? '') &&
    Object.keys(schema).length === 1;
  return NOT_LOGICAL.flatMap((word) => {
    const value = schema[word];
    if (value === undefined || value === '' || value === false || (word === 'type' && isIntOrString)) return [];
    return [forbidden(`${path}.${word}`, MUST_BE_EMPTY)];
  });
}

/** Of metadata a schema may say nothing but what name and generateName look like. */
function checkMetadata(schema: JsonSchema, path: string): FieldError[] {
  const metadata = schema.properties?.metadata;
  if (metadata === undefined) return [];
  const names = Object.keys(metadata.properties ?? {});
  if (names.every((name) => name === 'name' || name === 'generateName')) return [];
  const why = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
  return [forbidden(`${path}.properties[metadata]`, why)];
}

/** A default must be valid as it stands: defaults inside of it do not count. */
function checkDefault({ schema, path, logical }: Node): FieldError[] {
  if (schema.default === undefined || logical) return [];
  const place = { field: `${path}.default`, name: '' };
  const pruned: Json = structuredClone(schema.default);
  prune(pruned, schema);
  if (isObject(pruned) && JSON.stringify(pruned) !== JSON.stringify(schema.default)) {
    return [invalidValue(place.field, schema.default, 'must not have unknown fields')];
  }
  return [...validate(schema.default, schema, place), ...validateLists(schema.default, schema, place)];
}

function checkRules({ schema, path, logical, parent, uncorrelated }: Node): FieldError[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (logical && rules.length > 0) return [forbidden(`${path}.x-kubernetes-validations`, MUST_BE_EMPTY)];
  return rules.flatMap((rule, index) => {
    const at = `${path}.x-kubernetes-validations[${index}].rule`;
    if (rule.rule.trim() === '') return [required(at, 'rule is not specified')];
    const problem = ruleProblem(rule, schema, parent === 'root');
    if (problem !== undefined)
      return [{ field: at, reason: 'FieldValueInvalid', message: `Invalid value: ${ruleText(rule)}: ${problem}` }];
    if (uncorrelated === undefined || !isTransition(rule.rule)) return [];
    const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`;
    return [invalidValue(at, rule.rule, why)];
  });
}

function ruleText(rule: ValidationRule): string {
  return `apiextensions.ValidationRule{Rule:${JSON.stringify(rule.rule)}, Message:${JSON.stringify(rule.message ?? '')}}`;
}
