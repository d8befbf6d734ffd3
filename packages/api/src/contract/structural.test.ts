// What every API server demands of a CRD, checked on all schemas.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crds } from '../crds.ts';
import { apiReference } from '../reference.ts';
import type { JsonSchema } from '../schema/jsonSchema.ts';

function* schemas(path: string, schema: JsonSchema): Generator<readonly [string, JsonSchema]> {
  yield [path, schema];
  for (const [name, child] of Object.entries(schema.properties ?? {})) yield* schemas(`${path}.${name}`, child);
  if (schema.items !== undefined) yield* schemas(`${path}[]`, schema.items);
  if (schema.additionalProperties !== undefined) yield* schemas(`${path}{}`, schema.additionalProperties);
}

const all = crds().flatMap((crd) => {
  const root = crd.spec.versions[0]?.schema.openAPIV3Schema;
  return root === undefined ? [] : [...schemas(crd.spec.names.kind, root)];
});

test('every schema says its type, or that it is a number or a text', () => {
  for (const [path, schema] of all) {
    const isEither = schema['x-kubernetes-int-or-string'] === true;
    assert.equal(isEither, schema.type === undefined, path);
  }
});

test('properties and free keys are not mixed, and required properties exist', () => {
  for (const [path, schema] of all) {
    assert.ok(schema.properties === undefined || schema.additionalProperties === undefined, path);
    for (const name of schema.required ?? []) assert.ok(schema.properties?.[name] !== undefined, `${path}.${name}`);
    if (schema.type === 'array') assert.ok(schema.items !== undefined, path);
  }
});

test('keys of lists are always there', () => {
  for (const [path, schema] of all) {
    const keys = schema['x-kubernetes-list-map-keys'] as string[] | undefined;
    assert.equal(keys === undefined, schema['x-kubernetes-list-type'] !== 'map', path);
    for (const key of keys ?? []) {
      const item = schema.items?.properties?.[key];
      const isThere = schema.items?.required?.includes(key) || item?.default !== undefined;
      assert.ok(isThere, `${path}: ${key} is neither required nor has a default`);
    }
  }
});

test('defaults are of the right type, and one of the choices', () => {
  for (const [path, schema] of all) {
    const value = schema.default;
    if (value === undefined) continue;
    assert.equal(typeof value, schema.type === 'integer' ? 'number' : schema.type, path);
    if (Array.isArray(schema.enum)) assert.ok(schema.enum.includes(value), path);
    const known = Object.keys(schema.properties ?? {});
    if (typeof value === 'object' && value !== null)
      for (const name of Object.keys(value)) assert.ok(known.includes(name));
  }
});

test('patterns compile', () => {
  for (const [path, schema] of all) {
    if (schema.pattern !== undefined) assert.doesNotThrow(() => new RegExp(String(schema.pattern)), path);
  }
});

test('the reference page names every field of ours, with a description', () => {
  const page = apiReference();
  for (const { spec } of crds()) assert.ok(page.includes(`\n## ${spec.names.kind}\n`));
  assert.ok(page.includes('| `spec.bootstrap.initdb.import.databases` * | list of string |'));
  const undescribed = page.split('\n').filter((line) => /^\| `.*\| {2}\|$/.test(line));
  assert.deepEqual(undescribed, []);
});
