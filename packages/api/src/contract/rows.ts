// A CRD as the rows in which the contract is written: one a path, with its type, default and limits.
import type { JsonSchema } from '../schema/jsonSchema.ts';

export interface Row {
  readonly path: string;
  readonly type: string;
  readonly required: string;
  readonly default: string;
  readonly enum: string;
  readonly limits: string;
}

/** Reads a table whose first line names the columns. */
export function readTable(text: string): Record<string, string>[] {
  const [header = '', ...lines] = text.split('\n').filter((line) => line !== '');
  const columns = header.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
  });
}

/** Name of a Kubernetes type in the contract, such as `core/v1 Toleration`, without `[]` and `map[string]`. */
export const referenceName = (type: string): string | undefined => /[a-z]+\/v1 \w+$/.exec(type)?.[0];

/**
 * The rows below a schema. `references` tells, by path, the name of a Kubernetes type: such a schema is one row and
 * must then be equal to the type (`isType`).
 */
export function rows(
  path: string,
  schema: JsonSchema,
  required: boolean,
  references: ReadonlyMap<string, string>,
  isType: (schema: JsonSchema, name: string) => boolean,
): Row[] {
  const { prefix, suffix, leaf, containers } = unwrap(schema);
  const name = references.get(path);
  const known = name !== undefined && isType(leaf, name) ? name : undefined;
  const row: Row = {
    path,
    type: `${prefix}${known ?? plainType(leaf)}`,
    required: required ? 'y' : '',
    default: schema.default === undefined ? '' : JSON.stringify(schema.default),
    enum: Array.isArray(schema.enum) ? schema.enum.join('|') : '',
    limits: [...limits(schema), ...containers.flatMap(([label, inner]) => limits(inner, label))].join('; '),
  };
  if (name !== undefined) return [row];
  const children = Object.entries(leaf.properties ?? {}).flatMap(([property, child]) =>
    rows(`${path}${suffix}.${property}`, child, leaf.required?.includes(property) ?? false, references, isType),
  );
  return [row, ...children];
}

interface Unwrapped {
  readonly prefix: string;
  readonly suffix: string;
  readonly leaf: JsonSchema;
  readonly containers: readonly (readonly [string, JsonSchema])[];
}

/** Takes lists and maps off until what they contain is left. */
function unwrap(schema: JsonSchema): Unwrapped {
  const inner = schema.items ?? schema.additionalProperties;
  if (inner === undefined) return { prefix: '', suffix: '', leaf: schema, containers: [] };
  const [prefix, suffix, label] =
    schema.items === undefined ? ['map[string]', '{}', 'values.'] : ['[]', '[]', 'items.'];
  const deeper = unwrap(inner);
  return {
    prefix: prefix + deeper.prefix,
    suffix: suffix + deeper.suffix,
    leaf: deeper.leaf,
    containers: [[label, inner], ...deeper.containers.map(([own, node]) => [label + own, node] as const)],
  };
}

const plainType = (schema: JsonSchema) =>
  schema['x-kubernetes-int-or-string'] === true ? 'int-or-string' : (schema.type ?? '');

const words = [
  ['min', 'minimum'],
  ['max', 'maximum'],
  ['minLength', 'minLength'],
  ['maxLength', 'maxLength'],
  ['minItems', 'minItems'],
  ['maxItems', 'maxItems'],
  ['pattern', 'pattern'],
  ['format', 'format'],
  ['listType', 'x-kubernetes-list-type'],
  ['listMapKeys', 'x-kubernetes-list-map-keys'],
  ['mapType', 'x-kubernetes-map-type'],
] as const;

function limits(schema: JsonSchema, label = ''): string[] {
  const plain = words.flatMap(([word, keyword]) => {
    const value = schema[keyword];
    return value === undefined ? [] : [`${label}${word}=${Array.isArray(value) ? value.join(',') : String(value)}`];
  });
  const choice = label !== '' && Array.isArray(schema.enum) ? [`${label}enum=${schema.enum.join('|')}`] : [];
  const either = schema['x-kubernetes-int-or-string'] === true ? [`${label}intOrString`] : [];
  return [...plain, ...choice, ...either];
}
