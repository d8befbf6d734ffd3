/** Defaults of a CustomResourceDefinition, and what its schema loses because it says nothing. */

import type { JsonSchema } from '@matriarch/schema';
import { isObject } from '../fields/json.ts';
import type { ApiObject, JsonObject } from '../registry/types.ts';
import { type Definition, definitionOf, type Version } from './definition.ts';

export function setDefaults(object: ApiObject): void {
  const { spec } = definitionOf(object) as Partial<Definition>;
  if (spec === undefined) return;
  const { names } = spec;
  if (names !== undefined) {
    names.kind ??= '';
    names.plural ??= '';
    if ((names.singular ?? '') === '') names.singular = names.kind.toLowerCase();
    if ((names.listKind ?? '') === '') names.listKind = names.kind === '' ? '' : `${names.kind}List`;
    if (names.shortNames?.length === 0) delete names.shortNames;
    if (names.categories?.length === 0) delete names.categories;
  }
  spec.conversion ??= { strategy: 'None' };
  if (spec.preserveUnknownFields === false) delete spec.preserveUnknownFields;
  for (const version of spec.versions ?? []) normalizeVersion(version);
}

function normalizeVersion(version: Version): void {
  const schema = version.schema?.openAPIV3Schema;
  if (isObject(schema)) normalizeSchema(schema as JsonSchema);
  if (version.deprecated === false) delete version.deprecated;
  if (version.additionalPrinterColumns?.length === 0) delete version.additionalPrinterColumns;
  for (const column of version.additionalPrinterColumns ?? []) {
    if (column.priority === 0) delete column.priority;
    if (column.description === '') delete column.description;
    if (column.format === '') delete column.format;
  }
  const scale = version.subresources?.scale;
  if (scale?.labelSelectorPath === '') delete scale.labelSelectorPath;
}

const EMPTY_TEXTS = ['id', '$schema', 'description', 'type', 'format', 'title', 'pattern'];
const FALSE_FLAGS = [
  'exclusiveMaximum',
  'exclusiveMinimum',
  'uniqueItems',
  'nullable',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
];
const EMPTY_LISTS = [
  'required',
  'enum',
  'allOf',
  'anyOf',
  'oneOf',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
];
const EMPTY_MAPS = ['properties', 'patternProperties', 'definitions', 'dependencies'];

function normalizeSchema(schema: JsonSchema): void {
  const words = schema as unknown as JsonObject;
  for (const word of EMPTY_TEXTS) if (words[word] === '') delete words[word];
  for (const word of FALSE_FLAGS) if (words[word] === false) delete words[word];
  for (const word of EMPTY_LISTS) if (Array.isArray(words[word]) && words[word].length === 0) delete words[word];
  for (const word of EMPTY_MAPS) {
    const value = words[word];
    if (isObject(value) && Object.keys(value).length === 0) delete words[word];
  }
  for (const inner of innerSchemas(schema)) normalizeSchema(inner);
}

function innerSchemas(schema: JsonSchema): JsonSchema[] {
  const others = typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
  const parts = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const single = [schema.items, schema.not].filter((inner) => inner !== undefined);
  return [...Object.values(schema.properties ?? {}), ...others, ...parts, ...single].filter(isSchema);
}

function isSchema(value: unknown): value is JsonSchema {
  return isObject(value);
}
