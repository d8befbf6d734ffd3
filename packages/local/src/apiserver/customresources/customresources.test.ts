import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ApiError } from '../registry/errors.ts';
import type { ApiObject, Json } from '../registry/types.ts';
import type { ApiServer } from '../server.ts';
import { SERVER_USER, startApiServer } from '../start.ts';
import { columnsOf } from './columns.ts';
import { findAll, parsePath } from './jsonpath.ts';
import { resourceType } from './typeschema.ts';

const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const KNOBS = { group: 'x.example.com', version: 'v1', resource: 'knobs' };

function definition(names: object = {}, name = 'knobs.x.example.com'): ApiObject {
  const spec = { type: 'object', properties: { size: { type: 'integer', default: 1 } } };
  const schema = {
    openAPIV3Schema: { type: 'object', properties: { spec, status: { type: 'object', properties: {} } } },
  };
  const version = { name: 'v1', served: true, storage: true, subresources: { status: {} }, schema };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group: 'x.example.com',
      scope: 'Namespaced',
      names: { kind: 'Knob', plural: 'knobs', ...names },
      versions: [version],
    },
  };
}

const knob = (spec: object, finalizers: string[] = []): ApiObject => ({
  apiVersion: 'x.example.com/v1',
  kind: 'Knob',
  metadata: { name: 'k', namespace: 'default', ...(finalizers.length === 0 ? {} : { finalizers }) },
  spec,
});

async function eventually(check: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 500; turn += 1) {
    if (await check()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.fail('it did not come about');
}

async function withServer(work: (server: ApiServer) => Promise<void>, stateFolder?: string): Promise<void> {
  const server = await startApiServer({
    serviceCidr: '10.96.0.0/16',
    ...(stateFolder === undefined ? {} : { stateFolder }),
  });
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

const served = (server: ApiServer): boolean => server.core.registry.find('x.example.com', 'v1', 'knobs') !== undefined;

test('a definition is established, its instances get defaults and generations', () =>
  withServer(async (server) => {
    const client = server.client(SERVER_USER, 'test');
    await client.create(DEFINITIONS, definition());
    await eventually(() => served(server));
    const created = await client.create(KNOBS, knob({}));
    assert.deepEqual(created.spec, { size: 1 });
    assert.equal(created.metadata.generation, 1);
    const changed = await client.update(KNOBS, { ...created, spec: { size: 2 } });
    assert.equal(changed.metadata.generation, 2);
    const same = await client.updateStatus(KNOBS, { ...changed, spec: { size: 9 }, status: {} });
    assert.deepEqual([same.metadata.generation, same.spec], [2, { size: 2 }]);
    await assert.rejects(client.update(KNOBS, { ...changed, metadata: same.metadata, spec: { size: 'x' } }), {
      code: 422,
    });
  }));

test('names that are taken are not accepted, and are when they become free', () =>
  withServer(async (server) => {
    const client = server.client(SERVER_USER, 'test');
    const other = { name: 'others.x.example.com' };
    const reason = async (): Promise<string | undefined> => {
      const found = await client.find(DEFINITIONS, other);
      const status = found?.status as { conditions: { type: string; reason: string }[] | null } | undefined;
      return status?.conditions?.find((condition) => condition.type === 'NamesAccepted')?.reason;
    };
    await client.create(DEFINITIONS, definition());
    await eventually(() => served(server));
    await client.create(
      DEFINITIONS,
      definition({ plural: 'others', singular: 'other', listKind: 'OtherList' }, other.name),
    );
    await eventually(async () => (await reason()) === 'KindConflict');
    await client.delete(DEFINITIONS, { name: 'knobs.x.example.com' });
    await eventually(async () => (await reason()) === 'NoConflicts');
    await eventually(() => server.core.registry.find('x.example.com', 'v1', 'others') !== undefined);
  }));

test('deletion waits for the instances', () =>
  withServer(async (server) => {
    const client = server.client(SERVER_USER, 'test');
    await client.create(DEFINITIONS, definition());
    await eventually(() => served(server));
    await client.create(KNOBS, knob({}, ['example.com/hold']));
    const deleted = await client.delete(DEFINITIONS, { name: 'knobs.x.example.com' });
    assert.deepEqual(deleted.metadata.finalizers, ['customresourcecleanup.apiextensions.k8s.io']);
    await eventually(
      async () =>
        (await client.find(KNOBS, { namespace: 'default', name: 'k' }))?.metadata.deletionTimestamp !== undefined,
    );
    const held = await client.get(KNOBS, { namespace: 'default', name: 'k' });
    await client.update(KNOBS, { ...held, metadata: { ...held.metadata, finalizers: [] } });
    await eventually(async () => (await client.find(DEFINITIONS, { name: 'knobs.x.example.com' })) === undefined);
    await assert.rejects(client.list(KNOBS), (error) => error instanceof ApiError && error.code === 404);
  }));

test('definitions and instances are there again after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'definitions-'));
  try {
    await withServer(async (server) => {
      const client = server.client(SERVER_USER, 'test');
      await client.create(DEFINITIONS, definition());
      await eventually(() => served(server));
      await client.create(KNOBS, knob({ size: 7 }));
    }, folder);
    await withServer(async (server) => {
      const found = await server.client(SERVER_USER, 'test').get(KNOBS, { namespace: 'default', name: 'k' });
      assert.deepEqual(found.spec, { size: 7 });
    }, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('paths of columns', () => {
  const value = {
    spec: { 'a.b': 1, list: [{ n: 'x' }, { n: 'y' }] },
    status: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Other', status: 'False' },
      ],
    },
  } as Json;
  const find = (path: string): Json[] => findAll(value, parsePath(path) ?? []);
  assert.deepEqual(find(".spec['a.b']"), [1]);
  assert.deepEqual(find('.spec.a\\.b'), [1]);
  assert.deepEqual(find('.spec.list[1].n'), ['y']);
  assert.deepEqual(find('.spec.list[*].n'), ['x', 'y']);
  assert.deepEqual(find('.status.conditions[?(@.type=="Ready")].status'), ['True']);
  assert.deepEqual(find('.none.at.all'), []);
  assert.equal(parsePath('spec'), undefined);
});

test('cells have the type of their column, or nothing', () => {
  const columns = columnsOf([
    { name: 'N', type: 'integer', jsonPath: '.spec.n' },
    { name: 'S', type: 'string', jsonPath: '.spec.s' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ]);
  const object = {
    ...knob({ n: 'text', s: { a: 1 } }),
    metadata: { name: 'k', creationTimestamp: '2024-01-01T00:00:00Z' },
  };
  const cells = columns.map((column) => column.cell(object, new Date('2024-01-01T00:00:05Z')));
  assert.deepEqual(cells, ['k', null, '{"a":1}', '5s']);
});

test('types of lists and maps', () => {
  const type = resourceType({
    type: 'object',
    properties: {
      list: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', properties: { k: { type: 'string', default: 'd' } } },
      },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  });
  assert.ok(type.type === 'object');
  const { list, free } = type.fields;
  assert.deepEqual(free, { type: 'any' });
  assert.ok(list?.type === 'list');
  assert.deepEqual([list.list, list.keys, list.keyDefaults], ['map', ['k'], { k: 'd' }]);
});
