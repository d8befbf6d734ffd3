/** The subresource `scale` of a custom resource: its replicas under the paths that the definition names. */

import { isObject } from '../fields/json.ts';
import { OBJECT_META } from '../fields/meta.ts';
import { difference, fromFieldsV1, has, isEmpty, setOf, toFieldsV1 } from '../fields/set.ts';
import type {
  ApiObject,
  FieldError,
  Json,
  JsonObject,
  ManagedFieldsEntry,
  Subresource,
  TypeSchema,
} from '../registry/types.ts';
import type { Scale } from './definition.ts';

const INTEGER: TypeSchema = { type: 'integer', format: 'int32' };
const SCALE: TypeSchema = {
  type: 'object',
  fields: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: OBJECT_META,
    spec: { type: 'object', fields: { replicas: INTEGER } },
    status: { type: 'object', fields: { replicas: INTEGER, selector: { type: 'string' } } },
  },
};

const steps = (path: string): string[] => path.replace(/^\./, '').split('.');

function at(object: ApiObject, path: string): Json | undefined {
  let value: Json | undefined = object as unknown as JsonObject;
  for (const step of steps(path)) value = isObject(value) ? value[step] : undefined;
  return value;
}

function put(object: ApiObject, path: string, value: Json): void {
  const names = steps(path);
  let target = object as unknown as JsonObject;
  for (const name of names.slice(0, -1)) {
    const inner = target[name];
    if (isObject(inner)) target = inner;
    else {
      const made: JsonObject = {};
      target[name] = made;
      target = made;
    }
  }
  target[names.at(-1) ?? ''] = value;
}

export function scaleSubresource(scale: Scale): Subresource {
  return {
    kind: 'Scale',
    group: 'autoscaling',
    version: 'v1',
    verbs: ['get', 'patch', 'update'],
    schema: SCALE,
    read: (parent) => shown(parent, scale),
    write(body, parent) {
      const next = structuredClone(parent);
      const replicas = (body.spec as { replicas?: number } | undefined)?.replicas ?? 0;
      put(next, scale.specReplicasPath, replicas);
      if (body.metadata.resourceVersion !== undefined) next.metadata.resourceVersion = body.metadata.resourceVersion;
      const entries = withoutOwner(next.metadata.managedFields ?? [], scale.specReplicasPath);
      if (at(parent, scale.specReplicasPath) !== replicas) next.metadata.managedFields = entries;
      return next;
    },
  };
}

function shown(parent: ApiObject, scale: Scale): ApiObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = parent.metadata;
  const given = Object.entries({ name, namespace, uid, resourceVersion, creationTimestamp });
  const metadata = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  const count = (path: string): number => {
    const value = at(parent, path);
    return typeof value === 'number' ? value : 0;
  };
  const selector = scale.labelSelectorPath === undefined ? undefined : at(parent, scale.labelSelectorPath);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: { replicas: count(scale.specReplicasPath) },
    status: {
      replicas: count(scale.statusReplicasPath),
      ...(typeof selector === 'string' && selector !== '' ? { selector } : {}),
    },
  };
}

/** Who scales takes the replicas from whoever had them, and is not recorded as their owner. */
function withoutOwner(entries: readonly ManagedFieldsEntry[], path: string): ManagedFieldsEntry[] {
  const field = steps(path).map((name) => `f:${name}`);
  return entries.flatMap((entry) => {
    const set = fromFieldsV1(entry.fieldsV1);
    if (!has(set, field)) return [entry];
    const rest = difference(set, setOf(field));
    return isEmpty(rest) ? [] : [{ ...entry, fieldsV1: toFieldsV1(rest) }];
  });
}

const MAX_INT32 = 2 ** 31 - 1;

/** The values under the paths of a scale, whatever the schema says of them. */
export function validateScale(object: ApiObject, scale: Scale): FieldError[] {
  const replicas = [scale.specReplicasPath, scale.statusReplicasPath].flatMap((path) => replicasProblem(object, path));
  const path = scale.labelSelectorPath;
  const selector = path === undefined ? undefined : at(object, path);
  if (path === undefined || selector === undefined || typeof selector === 'string') return replicas;
  return [...replicas, problem(path, '""', accessor(path, selector, 'string'))];
}

function replicasProblem(object: ApiObject, path: string): FieldError[] {
  const value = at(object, path);
  if (value === undefined) return [];
  if (typeof value !== 'number' || !Number.isInteger(value))
    return [problem(path, '0', accessor(path, value, 'int64'))];
  if (value < 0) return [problem(path, String(value), 'should be a non-negative integer')];
  return value > MAX_INT32 ? [problem(path, String(value), `should be less than or equal to ${MAX_INT32}`)] : [];
}

function problem(path: string, value: string, why: string): FieldError {
  return { field: path, reason: 'FieldValueInvalid', message: `Invalid value: ${value}: ${why}` };
}

function accessor(path: string, value: Json, expected: string): string {
  const type = Array.isArray(value)
    ? '[]interface {}'
    : isObject(value)
      ? 'map[string]interface {}'
      : ({ number: Number.isInteger(value) ? 'int64' : 'float64', boolean: 'bool' }[typeof value as 'number'] ??
        'string');
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return `${path} accessor error: ${text} is of the type ${value === null ? '<nil>' : type}, expected ${expected}`;
}
