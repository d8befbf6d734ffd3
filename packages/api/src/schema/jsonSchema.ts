// From our words to the schema of a CustomResourceDefinition.
import type { ArrayNode, JsonValue, MapNode, ObjectNode, SchemaNode } from './nodes.ts';

/** The part of OpenAPI that a CustomResourceDefinition may use, as far as we use it. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: JsonValue;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly [keyword: string]: unknown;
}

export function jsonSchema(node: SchemaNode): JsonSchema {
  const { kind, description, default: value, rules } = node;
  return {
    ...(description === undefined ? {} : { description }),
    ...(value === undefined ? {} : { default: value }),
    ...shape(node),
    ...(rules === undefined ? {} : { 'x-kubernetes-validations': rules }),
    ...(kind === 'intOrString' ? {} : { type: kind === 'map' ? 'object' : kind }),
  };
}

function shape(node: SchemaNode): JsonSchema {
  switch (node.kind) {
    case 'string':
      return pick(node, ['enum', 'format', 'maxLength', 'minLength', 'pattern']);
    case 'integer':
      return pick(node, ['format', 'maximum', 'minimum']);
    case 'boolean':
      return {};
    case 'intOrString':
      return {
        anyOf: [{ type: 'integer' }, { type: 'string' }],
        ...pick(node, ['pattern']),
        'x-kubernetes-int-or-string': true,
      };
    case 'array':
      return arrayShape(node);
    case 'map':
      return { additionalProperties: jsonSchema(node.values), ...mapType(node) };
    case 'object':
      return objectShape(node);
  }
}

function arrayShape(node: ArrayNode): JsonSchema {
  return {
    items: jsonSchema(node.items),
    ...pick(node, ['maxItems', 'minItems']),
    ...(node.listMapKeys === undefined ? {} : { 'x-kubernetes-list-map-keys': node.listMapKeys }),
    ...(node.listType === undefined ? {} : { 'x-kubernetes-list-type': node.listType }),
  };
}

function objectShape(node: ObjectNode): JsonSchema {
  const names = Object.keys(node.properties).sort();
  const properties = names.flatMap((name) => {
    const property = node.properties[name];
    return property === undefined ? [] : [[name, jsonSchema(property)] as const];
  });
  const required = names.filter((name) => node.properties[name]?.required === true);
  return {
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...(required.length === 0 ? {} : { required }),
    ...mapType(node),
  };
}

const mapType = (node: MapNode | ObjectNode) =>
  node.mapType === undefined ? {} : { 'x-kubernetes-map-type': node.mapType };

function pick<N extends object>(node: N, keywords: readonly (keyof N & string)[]): JsonSchema {
  return Object.fromEntries(keywords.filter((name) => node[name] !== undefined).map((name) => [name, node[name]]));
}
