import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ApiObject, JsonObject, ManagedFieldsEntry, TypeSchema } from '../registry/types.ts';
import { OBJECT_META, serverSideApply, strictDecodingErrors, trackUpdate } from './index.ts';
import { canonical } from './json.ts';
import { mergedOrder } from './merge.ts';
import { difference, fromFieldsV1, intersection, isEmpty, setOf, toFieldsV1, union } from './set.ts';

const string: TypeSchema = { type: 'string' };
const schema: TypeSchema = {
  type: 'object',
  fields: {
    apiVersion: string,
    kind: string,
    metadata: OBJECT_META,
    spec: {
      type: 'object',
      fields: {
        size: { type: 'integer' },
        hosts: { type: 'list', list: 'atomic', items: string },
        tags: { type: 'list', list: 'set', items: string },
        params: { type: 'map', values: string },
        users: {
          type: 'list',
          list: 'map',
          keys: ['name'],
          items: { type: 'object', fields: { name: string, role: string } },
        },
        free: { type: 'any' },
      },
    },
    status: { type: 'object', fields: { phase: string } },
  },
};
const now = new Date('2024-05-01T10:00:00Z');
const later = new Date('2024-05-01T11:00:00Z');
const common = { apiVersion: 'x.io/v1', schema };

function knob(spec: JsonObject, more: JsonObject = {}): ApiObject {
  return { apiVersion: 'x.io/v1', kind: 'Knob', metadata: { name: 'k' }, spec, ...more };
}

function apply(live: ApiObject | undefined, applied: ApiObject, manager: string, force = false, time = now): ApiObject {
  const stored = live === undefined ? undefined : { ...live, metadata: { ...live.metadata, uid: 'u' } };
  return serverSideApply({ live: stored, applied, manager, force, now: time, ...common }).object;
}

function ownedBy(object: ApiObject, manager: string): JsonObject | undefined {
  return object.metadata.managedFields?.find((entry) => entry.manager === manager)?.fieldsV1;
}

test('apply creates, and owns leaves and elements', () => {
  const object = apply(undefined, knob({ size: 1, users: [{ name: 'a', role: 'r' }], tags: ['x'], params: {} }), 'one');
  assert.deepEqual(ownedBy(object, 'one'), {
    'f:spec': {
      'f:params': {},
      'f:size': {},
      'f:tags': { 'v:"x"': {} },
      'f:users': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:role': {} } },
    },
  });
});

test('applying the same again changes nothing, not even the time', () => {
  const config = knob({ size: 1, users: [{ name: 'a' }] });
  const once = apply(undefined, config, 'one');
  const twice = apply(once, config, 'one', false, later);
  assert.deepEqual({ ...twice.metadata, uid: undefined }, { ...once.metadata, uid: undefined });
});

test('what is given up goes, unless another owns it', () => {
  const first = apply(
    undefined,
    knob({ size: 1, params: { p: '1', q: '2' }, users: [{ name: 'a' }, { name: 'b' }] }),
    'one',
  );
  const shared = apply(first, knob({ params: { q: '2' }, users: [{ name: 'b' }] }), 'two');
  assert.equal(shared.metadata.managedFields?.find((entry) => entry.manager === 'two')?.time, undefined);
  const second = apply(shared, knob({ params: { p: '1' } }), 'one');
  assert.deepEqual(second.spec, { params: { p: '1', q: '2' }, users: [{ name: 'b' }] });
});

test('conflicts name manager and path', () => {
  const first = apply(undefined, knob({ size: 1, users: [{ name: 'a', role: 'r' }], hosts: ['h'] }), 'one');
  assert.throws(() => apply(first, knob({ users: [{ name: 'a', role: 'other' }], hosts: ['i'] }), 'two'), {
    code: 409,
    message: 'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.hosts\n- .spec.users[name="a"].role',
  });
  const forced = apply(first, knob({ hosts: ['i'] }), 'two', true);
  assert.deepEqual(ownedBy(forced, 'two'), { 'f:spec': { 'f:hosts': {} } });
  assert.equal(JSON.stringify(ownedBy(forced, 'one')).includes('hosts'), false);
});

test('an object without owners belongs to before-first-apply', () => {
  assert.throws(() => apply(knob({ size: 1 }), knob({ size: 2 }), 'one'), {
    message: 'Apply failed with 1 conflict: conflict with "before-first-apply" using x.io/v1: .spec.size',
  });
});

test('kubectl takes over what its annotation says it wrote', () => {
  const annotation = `${canonical(knob({ size: 1 }))}\n`;
  const live = knob({ size: 1 });
  live.metadata.annotations = { 'kubectl.kubernetes.io/last-applied-configuration': annotation };
  const managedFields = trackUpdate({
    live: undefined,
    next: live,
    manager: 'kubectl-client-side-apply',
    now,
    ...common,
  });
  const taken = apply({ ...live, metadata: { ...live.metadata, managedFields } }, knob({ size: 2 }), 'kubectl');
  assert.deepEqual(taken.spec, { size: 2 });
  assert.equal(
    taken.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'],
    '{"apiVersion":"x.io/v1","kind":"Knob","metadata":{"name":"k"},"spec":{"size":2}}\n',
  );
});

test('apply refuses what the kind does not have', () => {
  assert.throws(() => apply(undefined, knob({ typo: 1 }), 'one'), {
    code: 500,
    message: 'failed to create typed patch object (/k; x.io/v1, Kind=Knob): .spec.typo: field not declared in schema',
  });
  assert.throws(
    () => apply(undefined, knob({ size: 'x' }), 'one'),
    /\.spec\.size: expected numeric \(int or float\), got string/,
  );
});

test('an update owns what it adds or changes, and takes it from others', () => {
  const first = apply(undefined, knob({ size: 1, params: { p: '1' } }), 'one');
  const next = { ...first, spec: { size: 2, params: { p: '1', q: '2' } }, status: { phase: 'x' } } as ApiObject;
  const entries = trackUpdate({ live: first, next, manager: 'two', now: later, ...common });
  const by = (name: string): ManagedFieldsEntry | undefined => entries.find((entry) => entry.manager === name);
  assert.deepEqual(by('two')?.fieldsV1, { 'f:spec': { 'f:params': { 'f:q': {} }, 'f:size': {} } });
  assert.deepEqual(by('one')?.fieldsV1, { 'f:spec': { 'f:params': { 'f:p': {} } } });
  assert.equal(by('two')?.time, '2024-05-01T11:00:00Z');
});

test('created maps are owned as such, unless the empty object has them', () => {
  const next = knob({ params: { p: '1' }, users: [{ name: 'a' }] });
  const empty = knob({});
  const [entry] = trackUpdate({ live: undefined, empty, next, manager: 'm', now, ...common });
  assert.deepEqual(entry?.fieldsV1, {
    'f:spec': {
      'f:params': { '.': {}, 'f:p': {} },
      'f:users': { '.': {}, 'k:{"name":"a"}': { '.': {}, 'f:name': {} } },
    },
  });
});

test('managedFields: [{}] gives up all ownership', () => {
  const first = apply(undefined, knob({ size: 1 }), 'one');
  const reset = { ...first, metadata: { ...first.metadata, managedFields: [{} as ManagedFieldsEntry] } };
  assert.deepEqual(trackUpdate({ live: first, next: reset, manager: 'm', now, ...common }), []);
});

test('more than ten updating managers: the oldest are put together', () => {
  let live = knob({ params: {} });
  const spec = (count: number): JsonObject => {
    const params = Array.from({ length: count }, (_, index) => [`p${index}`, 'x']);
    return { params: Object.fromEntries(params) as JsonObject };
  };
  for (let count = 0; count < 12; count += 1) {
    const next = { ...knob(spec(count + 1)), metadata: live.metadata };
    const time = new Date(now.getTime() + count * 1000);
    const former = count === 0 ? undefined : live;
    const managedFields = trackUpdate({ live: former, next, manager: `m${count}`, now: time, ...common });
    live = { ...next, metadata: { ...next.metadata, managedFields } };
  }
  const names = live.metadata.managedFields?.map((entry) => entry.manager) ?? [];
  assert.equal(names.length, 10);
  assert.ok(names.includes('ancient-changes') && names.includes('m11') && !names.includes('m0'));
});

test('unknown fields are named with their path', () => {
  const object = { metadata: { oops: 1 }, spec: { users: [{ x: 1 }], typo: 1, free: { any: 1 } }, extra: 1 };
  assert.deepEqual(strictDecodingErrors(object, schema), [
    'unknown field "metadata.oops"',
    'unknown field "extra"',
    'unknown field "spec.typo"',
    'unknown field "spec.users[0].x"',
  ]);
});

const name = fc.constantFrom('a', 'b', 'c', 'd');
const spec = fc.record(
  {
    size: fc.integer({ min: 0, max: 3 }),
    hosts: fc.array(name, { maxLength: 3 }),
    tags: fc.uniqueArray(name),
    params: fc.dictionary(name, name, { noNullPrototype: true }),
    users: fc.uniqueArray(fc.record({ name, role: name }, { requiredKeys: ['name'] }), {
      selector: (user) => user.name,
    }),
    free: fc.dictionary(name, fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true }) as fc.Arbitrary<JsonObject>,
  },
  { requiredKeys: [] },
) as unknown as fc.Arbitrary<JsonObject>;

test('applying twice is applying once; owners named hold what they applied', () => {
  fc.assert(
    fc.property(spec, spec, (a, b) => {
      const first = apply(undefined, knob(a), 'one');
      const forced = apply(first, knob(b), 'two', true);
      const again = apply(forced, knob(b), 'two', false, later);
      assert.deepEqual(again.spec, forced.spec);
      assert.deepEqual(again.metadata.managedFields, forced.metadata.managedFields);
    }),
  );
});

test('a manager alone that applies something else ends with just that', () => {
  fc.assert(
    fc.property(spec, spec, (a, b) => {
      const params = { params: { x: 'y' } };
      const direct = apply(undefined, knob({ ...b, ...params }), 'one');
      const changed = apply(apply(undefined, knob({ ...a, ...params }), 'one'), knob({ ...b, ...params }), 'one');
      assert.deepEqual(ownedBy(changed, 'one'), ownedBy(direct, 'one'));
      const { tags: _tags, users: _users, free: _free, ...rest } = changed.spec as JsonObject;
      const { tags: _t, users: _u, free: _f, ...expected } = direct.spec as JsonObject;
      assert.deepEqual(rest, expected);
    }),
  );
});

test('sets of paths: FieldsV1 and back, laws of sets', () => {
  const path = fc.array(fc.constantFrom('f:a', 'f:b', 'k:{"n":"x"}', 'v:1'), { minLength: 1, maxLength: 4 });
  const set = fc.array(path).map((list) => setOf(...list));
  fc.assert(
    fc.property(set, set, (a, b) => {
      assert.deepEqual(toFieldsV1(fromFieldsV1(toFieldsV1(a))), toFieldsV1(a));
      assert.ok(isEmpty(intersection(difference(a, b), b)));
      const parts = union(difference(a, b), intersection(a, b));
      assert.deepEqual(toFieldsV1(parts), toFieldsV1(a));
    }),
  );
});

test('a merged list holds each element once, applied ones in the applied order', () => {
  const list = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'));
  fc.assert(
    fc.property(list, list, (live, applied) => {
      const merged = mergedOrder(live, applied);
      assert.deepEqual([...merged].sort(), [...new Set([...live, ...applied])].sort());
      assert.deepEqual(
        merged.filter((item) => new Set<string>(applied).has(item)),
        applied,
      );
    }),
  );
});
