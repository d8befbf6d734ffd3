import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { own, put } from '../fields/json.ts';
import { ApiError } from '../registry/errors.ts';
import type { Json, JsonObject, TypeSchema } from '../registry/types.ts';
import { applyPatch } from './index.ts';

const string: TypeSchema = { type: 'string' };
const byName = (fields: { [name: string]: TypeSchema }): TypeSchema => ({
  type: 'list',
  list: 'map',
  keys: ['name'],
  patchStrategy: 'merge',
  patchMergeKey: 'name',
  items: { type: 'object', fields: { name: string, ...fields } },
});
const schema: TypeSchema = {
  type: 'object',
  fields: {
    containers: byName({ image: string, env: byName({ value: string }) }),
    finalizers: { type: 'list', list: 'set', items: string, patchStrategy: 'merge' },
    args: { type: 'list', list: 'atomic', items: string },
    replicas: { type: 'integer' },
    labels: { type: 'map', values: string },
    strategy: { type: 'object', fields: { type: string, rolling: string } },
  },
};
const strategic = (current: JsonObject, patch: JsonObject): JsonObject =>
  applyPatch(current, 'strategic', patch, schema);

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
const object = fc.dictionary(fc.string(), json, { noNullPrototype: true }) as fc.Arbitrary<JsonObject>;

function withoutNulls(value: Json): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const out: JsonObject = {};
  for (const [name, item] of Object.entries(value)) if (item !== null) put(out, name, withoutNulls(item));
  return out;
}

/** The merge patch that makes `to` of `from`. */
function diff(from: JsonObject, to: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const name of Object.keys(from)) if (own(to, name) === undefined) put(patch, name, null);
  for (const [name, value] of Object.entries(to)) put(patch, name, value);
  return patch;
}

test('a merge patch made of two objects leads from one to the other', () => {
  fc.assert(
    fc.property(object, object, (flat, target) => {
      const to = withoutNulls(target) as JsonObject;
      // Members that are objects on both sides are merged: replace them by removing them first.
      const cleared = applyPatch(flat, 'merge', diff(flat, {}), schema);
      assert.deepEqual(applyPatch(cleared, 'merge', to, schema), to);
    }),
  );
});

test('a merge patch done twice is done once, and leaves its input alone', () => {
  fc.assert(
    fc.property(object, object, (current, patch) => {
      const before = structuredClone(current);
      const once = applyPatch(current, 'merge', patch, schema);
      assert.deepEqual(applyPatch(once, 'merge', patch, schema), once);
      assert.deepEqual(current, before);
    }),
  );
});

test('JSON patch: add then remove gives the object back, move there and back too', () => {
  fc.assert(
    fc.property(object, fc.string(), json, (current, name, value) => {
      fc.pre(own(current, name) === undefined);
      const path = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const added = applyPatch(current, 'json', [{ op: 'add', path, value }], schema);
      assert.deepEqual(own(added, name), value);
      assert.deepEqual(applyPatch(added, 'json', [{ op: 'remove', path }], schema), current);
    }),
  );
});

test('JSON patch: lists, escapes, test', () => {
  const current = { list: [1, 2, 3], 'a/b': 'x' };
  const patch = [
    { op: 'test', path: '/a~1b', value: 'x' },
    { op: 'add', path: '/list/-', value: 4 },
    { op: 'remove', path: '/list/0' },
    { op: 'replace', path: '/list/1', value: 'three' },
    { op: 'copy', from: '/list/0', path: '/copied' },
    { op: 'move', from: '/a~1b', path: '/moved' },
  ];
  assert.deepEqual(applyPatch(current, 'json', patch, schema), { list: [2, 'three', 4], copied: 2, moved: 'x' });
});

test('JSON patch: what cannot be done is refused with 422', () => {
  for (const operation of [
    { op: 'test', path: '/a', value: 2 },
    { op: 'remove', path: '/none' },
    { op: 'replace', path: '/none/none', value: 1 },
    { op: 'add', path: '/list/9', value: 1 },
    { op: 'frobnicate', path: '/a' },
    { op: 'add', path: 'a', value: 1 },
  ]) {
    assert.throws(
      () => applyPatch({ a: 1, list: [] }, 'json', [operation], schema),
      (error) => error instanceof ApiError && error.code === 422,
      JSON.stringify(operation),
    );
  }
});

test('strategic: elements merge by key, at every depth', () => {
  const current = {
    containers: [
      {
        name: 'a',
        image: '1',
        env: [
          { name: 'X', value: '1' },
          { name: 'Y', value: '2' },
        ],
      },
      { name: 'b' },
    ],
  };
  const patch = {
    containers: [
      {
        name: 'a',
        image: '2',
        env: [
          { name: 'Y', value: '3' },
          { name: 'Z', value: '4' },
        ],
      },
    ],
  };
  assert.deepEqual(strategic(current, patch), {
    containers: [
      {
        name: 'a',
        image: '2',
        env: [
          { name: 'X', value: '1' },
          { name: 'Y', value: '3' },
          { name: 'Z', value: '4' },
        ],
      },
      { name: 'b' },
    ],
  });
});

test('strategic: directives', () => {
  const current = {
    containers: [{ name: 'a', image: '1' }, { name: 'b' }],
    finalizers: ['x', 'y'],
    args: ['1', '2'],
    strategy: { type: 'Rolling', rolling: '25%' },
    labels: { a: 'b' },
  };
  const patched = strategic(current, {
    $patch: 'merge',
    '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }],
    containers: [
      { name: 'b', $patch: 'delete' },
      { name: 'c', image: '1' },
    ],
    '$deleteFromPrimitiveList/finalizers': ['x'],
    '$setElementOrder/finalizers': ['z', 'y'],
    finalizers: ['z'],
    args: ['3'],
    strategy: { $retainKeys: ['type'], type: 'Recreate' },
    labels: { $patch: 'delete' },
  });
  assert.deepEqual(patched, {
    containers: [
      { name: 'c', image: '1' },
      { name: 'a', image: '1' },
    ],
    finalizers: ['z', 'y'],
    args: ['3'],
    strategy: { type: 'Recreate' },
    labels: {},
  });
});

test('strategic: a list or a map is replaced on demand', () => {
  const current = { containers: [{ name: 'a' }], strategy: { type: 'x', rolling: 'y' } };
  const patch = { containers: [{ $patch: 'replace' }, { name: 'n' }], strategy: { $patch: 'replace', type: 'z' } };
  assert.deepEqual(strategic(current, patch), { containers: [{ name: 'n' }], strategy: { type: 'z' } });
});

test('strategic: errors name what is wrong', () => {
  assert.throws(() => strategic({ containers: [{ name: 'a' }] }, { containers: [{ image: 'no-name' }] }), {
    code: 500,
    message: 'map: map[image:no-name] does not contain declared merge key: name',
  });
  assert.throws(() => strategic({}, { replicas: 'many' }), {
    code: 422,
    message: ' "" is invalid: patch: Invalid value: "map[replicas:many]": unrecognized type: int32',
  });
});

test('strategic: done twice is done once', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd');
  const containers = fc.uniqueArray(fc.record({ name, image: fc.constantFrom('1', '2') }), {
    selector: (item) => item.name,
  });
  const document = fc.record({
    containers,
    labels: fc.dictionary(name, name, { noNullPrototype: true }),
    finalizers: fc.uniqueArray(name),
  });
  fc.assert(
    fc.property(document, document, (current, patch) => {
      const once = strategic(current, patch);
      assert.deepEqual(strategic(once, patch), once);
    }),
  );
});
