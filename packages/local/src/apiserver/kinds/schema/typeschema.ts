/** TypeSchemas of the built-in types, made when they are first asked for and shared between all kinds. */
import type { TypeSchema } from '../../registry/types.ts';
import { atomicMaps, granularFields, lists } from './facts.ts';
import { type Field, type FieldType, fieldsOf, isAtomicType, isListed, shortName } from './fields.ts';

const made = new Map<string, TypeSchema>();
const names = new Map<TypeSchema, string>();

/** The schema of a type such as `core/v1.Pod`; always the same object. Fields of it are made when they are read. */
export function typeSchema(type: string): TypeSchema {
  const known = made.get(type);
  if (known !== undefined) return known;
  const fields: { [name: string]: TypeSchema } = {};
  for (const field of fieldsOf(type)) defineLazily(fields, type, field);
  const schema: TypeSchema = isAtomicType(type) ? { type: 'object', fields, atomic: true } : { type: 'object', fields };
  made.set(type, schema);
  names.set(schema, type);
  return schema;
}

/** The name of a shared schema, e.g. `core/v1.PodSpec`: what documents that refer to it by name need. */
export function typeNameOf(schema: TypeSchema): string | undefined {
  return names.get(schema);
}

/** The fields of a type that must be given. */
export function requiredFields(type: string): string[] {
  return fieldsOf(type)
    .filter((field) => field.required)
    .map((field) => field.name);
}

function defineLazily(fields: { [name: string]: TypeSchema }, type: string, field: Field): void {
  Object.defineProperty(fields, field.name, {
    enumerable: true,
    configurable: true,
    get() {
      const schema = schemaOf(field.type, type, field.name);
      Object.defineProperty(fields, field.name, { enumerable: true, value: schema });
      return schema;
    },
  });
}

const SIMPLE: { readonly [kind: string]: TypeSchema } = {
  string: { type: 'string' },
  bytes: { type: 'string', format: 'byte' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  quantity: { type: 'string', format: 'quantity' },
  time: { type: 'string', format: 'date-time' },
  microtime: { type: 'string', format: 'micro-time' },
  intOrString: { type: 'string', format: 'int-or-string', intOrString: true },
  any: { type: 'any' },
};

function schemaOf(fieldType: FieldType, type: string, field: string): TypeSchema {
  if (fieldType.kind === 'struct') return structSchema(fieldType.name, isListed(granularFields, type, field));
  if (fieldType.kind === 'list') return listSchema(schemaOf(fieldType.of, type, field), type, field);
  if (fieldType.kind === 'map') {
    const values = schemaOf(fieldType.of, type, field);
    return isListed(atomicMaps, type, field) ? { type: 'map', values, atomic: true } : { type: 'map', values };
  }
  return SIMPLE[fieldType.kind] ?? { type: 'any' };
}

function structSchema(name: string, granular: boolean): TypeSchema {
  const schema = typeSchema(name);
  return granular && schema.type === 'object' ? { type: 'object', fields: schema.fields } : schema;
}

function listSchema(items: TypeSchema, type: string, field: string): TypeSchema {
  const fact = lists[`${type}.${field}`] ?? lists[`${shortName(type)}.${field}`];
  if (fact === undefined) return { type: 'list', items, list: 'atomic' };
  const merged = fact.mergeKey !== undefined || fact.merge === true;
  return {
    type: 'list',
    items,
    list: fact.set === true ? 'set' : fact.keys === undefined ? 'atomic' : 'map',
    ...(fact.keys === undefined ? {} : { keys: fact.keys }),
    ...(fact.keys?.includes('protocol') === true ? { keyDefaults: { protocol: 'TCP' } } : {}),
    ...(merged ? { patchStrategy: fact.retainKeys === true ? 'retainKeys' : 'merge' } : {}),
    ...(fact.mergeKey === undefined ? {} : { patchMergeKey: fact.mergeKey }),
    ...(fact.keyDefaults === undefined ? {} : { keyDefaults: fact.keyDefaults }),
  };
}
