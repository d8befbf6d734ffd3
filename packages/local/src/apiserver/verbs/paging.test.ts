import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bareHooks } from '../registry/defaults.ts';
import { createRegistry } from '../registry/registry.ts';
import type { ResourceInfo } from '../registry/types.ts';
import { memoryBackend } from '../storage/backend.ts';
import { createStore } from '../storage/store.ts';
import type { Core } from './core.ts';
import { EVERYTHING, listObjects } from './list.ts';
import { watchObjects } from './watch.ts';

const info: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'Thing',
  listKind: 'ThingList',
  resource: 'things',
  singular: 'thing',
  shortNames: [],
  categories: [],
  namespaced: true,
  verbs: ['list', 'watch'],
  subresources: [],
  storageVersion: 'v1',
  generation: false,
  schema: { type: 'any' },
  strategy: {},
  columns: [],
};

function newCore(): Core {
  return {
    store: createStore(memoryBackend()),
    registry: createRegistry(),
    hooks: bareHooks,
    now: () => new Date(0),
    availableSince: () => 0,
  };
}

function add(core: Core, namespace: string, name: string, label = 'x'): void {
  const key = `${namespace}/${name}`;
  const object = { apiVersion: 'v1', kind: 'Thing', metadata: { name, namespace, labels: { label } } };
  core.store.put('/things', key, object, core.store.get('/things', key)?.version ?? 0);
}

async function pages(core: Core, limit: number, between: () => void): Promise<string[]> {
  const keys: string[] = [];
  let continueToken = '';
  do {
    const page = await listObjects(core, info, undefined, { ...EVERYTHING, limit, continueToken });
    assert.ok(page.entries.length <= limit);
    keys.push(...page.entries.map((entry) => entry.key));
    continueToken = page.continueToken ?? '';
    between();
  } while (continueToken !== '');
  return keys;
}

const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,4}$/), { maxLength: 20 });

test('pages together are the list as it was at the first page, whatever is written in between', async () => {
  await fc.assert(
    fc.asyncProperty(names, fc.integer({ min: 1, max: 7 }), async (given, limit) => {
      const core = newCore();
      given.forEach((name, index) => {
        add(core, index % 2 === 0 ? 'one' : 'one-two', name);
      });
      const whole = (await listObjects(core, info, undefined, EVERYTHING)).entries.map((entry) => entry.key);
      let count = 0;
      const read = await pages(core, limit, () => {
        count += 1;
        add(core, 'one', `new-${count}`);
      });
      assert.deepEqual(read, whole);
    }),
  );
});

test('a watch with a selector sees an object come in, change and leave', () => {
  const core = newCore();
  const seen: string[] = [];
  const labels = [{ key: 'label', operator: '=' as const, values: ['x'] }];
  const stop = watchObjects(
    core,
    info,
    'one',
    { labels, fields: [], resourceVersion: '' },
    {
      event: ({ type, entry }) => void seen.push(`${type} ${entry.object.metadata.labels?.label}`),
      gone: (error) => assert.fail(error),
    },
  );
  add(core, 'one', 'a', 'y');
  add(core, 'one', 'a', 'x');
  add(core, 'one', 'a', 'x');
  add(core, 'other', 'b', 'x');
  add(core, 'one', 'a', 'y');
  stop();
  add(core, 'one', 'a', 'x');
  assert.deepEqual(seen, ['ADDED x', 'MODIFIED x', 'DELETED x']);
});
