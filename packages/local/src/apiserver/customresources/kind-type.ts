/** The type of CustomResourceDefinition. Schemas hold schemas: the type is cyclic there. */

import { OBJECT_META } from '../fields/meta.ts';
import type { TypeSchema } from '../registry/types.ts';

type ObjectSchema = Extract<TypeSchema, { type: 'object' }>;

const string: TypeSchema = { type: 'string' };
const boolean: TypeSchema = { type: 'boolean' };
const integer: TypeSchema = { type: 'integer', format: 'int64' };
const number: TypeSchema = { type: 'number', format: 'double' };
const any: TypeSchema = { type: 'any' };
const listOf = (items: TypeSchema): TypeSchema => ({ type: 'list', list: 'atomic', items });
const object = (fields: { [name: string]: TypeSchema }): ObjectSchema => ({ type: 'object', fields });
const all = (names: string, type: TypeSchema): { [name: string]: TypeSchema } =>
  Object.fromEntries(names.split(' ').map((name) => [name, type]));

const rule = object(all('rule message messageExpression reason fieldPath', string));

const schema: ObjectSchema = object({
  ...all('id $schema $ref description type format title pattern x-kubernetes-list-type x-kubernetes-map-type', string),
  ...all('minLength maxLength minItems maxItems minProperties maxProperties', integer),
  ...all('minimum maximum multipleOf', number),
  ...all('exclusiveMinimum exclusiveMaximum uniqueItems nullable x-kubernetes-preserve-unknown-fields', boolean),
  ...all('x-kubernetes-embedded-resource x-kubernetes-int-or-string', boolean),
  ...all('default example', any),
  ...all('required x-kubernetes-list-map-keys', listOf(string)),
  enum: listOf(any),
  externalDocs: object(all('description url', string)),
  'x-kubernetes-validations': { type: 'list', list: 'map', keys: ['rule'], items: rule },
});
Object.assign(schema.fields, {
  ...all('items not additionalProperties additionalItems', schema),
  ...all('allOf anyOf oneOf', listOf(schema)),
  ...all('properties patternProperties definitions dependencies', { type: 'map', values: schema }),
});

const names = object({
  ...all('plural singular kind listKind', string),
  ...all('shortNames categories', listOf(string)),
});

const column = object({
  ...all('name type format description jsonPath', string),
  priority: { type: 'integer', format: 'int32' },
});

const version = object({
  ...all('name deprecationWarning', string),
  ...all('served storage deprecated', boolean),
  schema: object({ openAPIV3Schema: schema }),
  subresources: object({
    status: object({}),
    scale: object(all('specReplicasPath statusReplicasPath labelSelectorPath', string)),
  }),
  additionalPrinterColumns: listOf(column),
});

const conversion = object({
  strategy: string,
  webhook: object({
    clientConfig: object({
      ...all('url caBundle', string),
      service: object({ ...all('name namespace path', string), port: integer }),
    }),
    conversionReviewVersions: listOf(string),
  }),
});

const condition = object(all('type status lastTransitionTime reason message', string));

export const DEFINITION_TYPE: TypeSchema = object({
  apiVersion: string,
  kind: string,
  metadata: OBJECT_META,
  spec: object({
    ...all('group scope', string),
    names,
    versions: listOf(version),
    conversion,
    preserveUnknownFields: boolean,
  }),
  status: object({
    conditions: { type: 'list', list: 'map', keys: ['type'], items: condition },
    acceptedNames: names,
    storedVersions: listOf(string),
  }),
});
