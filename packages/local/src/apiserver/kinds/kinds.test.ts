import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../registry/errors.ts';
import type { ApiObject, ResourceInfo, TypeSchema } from '../registry/types.ts';
import { builtinResources, emptyObject } from './index.ts';
import { typeNameOf, typeSchema } from './schema/typeschema.ts';

const resources = builtinResources();

function resource(name: string): ResourceInfo {
  const found = resources.find((info) => info.resource === name);
  assert.ok(found, name);
  return found;
}

function defaulted(name: string, object: object): ApiObject {
  const copy = structuredClone(object) as ApiObject;
  resource(name).strategy.setDefaults?.(copy);
  return copy;
}

const pod = (spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });

test('every type that a kind is made of is known, and setting defaults twice changes nothing', () => {
  const seen = new Set<TypeSchema>();
  const walk = (schema: TypeSchema): void => {
    if (seen.has(schema)) return;
    seen.add(schema);
    if (schema.type === 'object') for (const field of Object.values(schema.fields)) walk(field);
    if (schema.type === 'list') walk(schema.items);
    if (schema.type === 'map') walk(schema.values);
  };
  for (const info of resources) {
    walk(info.schema);
    const empty = emptyObject(info);
    assert.ok(empty, info.kind);
    info.strategy.setDefaults?.(empty);
    const again = structuredClone(empty);
    info.strategy.setDefaults?.(again);
    assert.deepEqual(again, empty, info.kind);
  }
  assert.equal(typeNameOf(typeSchema('core/v1.PodSpec')), 'core/v1.PodSpec');
});

test('a body takes the form that it has on the wire', () => {
  const { spec } = defaulted(
    'pods',
    pod({
      hostNetwork: false,
      unknown: 1,
      containers: [{ name: 'a', image: 'i', ports: [], resources: { limits: { cpu: 0.5 } } }],
    }),
  ) as unknown as { spec: { [key: string]: unknown } };
  assert.deepEqual(spec.containers, [
    {
      name: 'a',
      image: 'i',
      resources: { limits: { cpu: '500m' }, requests: { cpu: '500m' } },
      imagePullPolicy: 'Always',
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
    },
  ]);
  assert.equal('hostNetwork' in spec || 'unknown' in spec, false);
  assert.equal(spec.restartPolicy, 'Always');
});

test('a value that its field cannot hold is refused with 400', () => {
  const wrong: [string, object][] = [
    ['pods', pod({ containers: [{ name: 'a', resources: { limits: { cpu: 'many' } } }] })],
    ['pods', pod({ containers: 'none' })],
    ['secrets', { apiVersion: 'v1', kind: 'Secret', metadata: {}, data: { a: '%%%' } }],
    [
      'leases',
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: {},
        spec: { renewTime: '2024-01-01T00:00:00Z' },
      },
    ],
  ];
  for (const [name, object] of wrong) {
    assert.throws(
      () => defaulted(name, object),
      (error: unknown) => error instanceof ApiError && error.code === 400,
      name,
    );
  }
});

test('lists of a pod merge by the keys that patches rely on', () => {
  const { fields } = typeSchema('core/v1.PodSpec') as Extract<TypeSchema, { type: 'object' }>;
  const keys = (name: string) => {
    const list = fields[name];
    return list?.type === 'list' ? [list.list, list.keys, list.patchMergeKey, list.patchStrategy] : [];
  };
  assert.deepEqual(keys('containers'), ['map', ['name'], 'name', 'merge']);
  assert.deepEqual(keys('volumes'), ['map', ['name'], 'name', 'retainKeys']);
  assert.deepEqual(keys('tolerations'), ['atomic', undefined, undefined, undefined]);
});

test('stringData becomes data and is not kept', () => {
  const secret = defaulted('secrets', { apiVersion: 'v1', kind: 'Secret', metadata: {}, stringData: { a: 'x' } });
  assert.deepEqual([secret.data, secret.stringData, secret.type], [{ a: 'eA==' }, undefined, 'Opaque']);
});

test('a pod update may change the image and nothing else of a container', () => {
  const context = { dryRun: false } as never;
  const old = defaulted('pods', pod({ containers: [{ name: 'a', image: 'i:1' }] }));
  const image = defaulted('pods', pod({ containers: [{ name: 'a', image: 'i:2', imagePullPolicy: 'IfNotPresent' }] }));
  const command = defaulted('pods', pod({ containers: [{ name: 'a', image: 'i:1', command: ['x'] }] }));
  const { validateUpdate } = resource('pods').strategy;
  assert.deepEqual(validateUpdate?.(image, old, context), []);
  assert.deepEqual(
    validateUpdate?.(command, old, context).map((error) => error.reason),
    ['FieldValueForbidden'],
  );
});
