import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ApiObject } from '../registry/types.ts';
import { memoryBackend, sqliteBackend } from './backend.ts';
import { createStore, type Store, StoreConflict } from './store.ts';

const TABLE = '/configmaps';
const object = (name: string, value: number): ApiObject => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name },
  data: { value: String(value) },
});

type Operation = { name: string; kind: 'put' | 'remove' };

const operations = fc.array(
  fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), kind: fc.constantFrom('put' as const, 'remove' as const) }),
  { maxLength: 30 },
);

function apply(store: Store, { name, kind }: Operation, value: number): void {
  const version = store.get(TABLE, name)?.version ?? 0;
  if (kind === 'put') store.put(TABLE, name, object(name, value), version);
  else if (version > 0) store.remove(TABLE, name, version);
}

const content = (store: Store): string[] => store.list(TABLE, '').map((entry) => entry.json);

test('a list at an older version is what the list was then', () => {
  fc.assert(
    fc.property(operations, (steps) => {
      const store = createStore(memoryBackend());
      const seen = new Map<number, string[]>([[store.version(), content(store)]]);
      steps.forEach((step, index) => {
        apply(store, step, index);
        seen.set(store.version(), content(store));
      });
      for (const [version, expected] of seen) {
        const entries = store.listAt(TABLE, '', version);
        assert.deepEqual(
          entries?.map((entry) => entry.json),
          expected,
        );
      }
    }),
  );
});

test('events after any version, played on the state of that version, give the present state', () => {
  fc.assert(
    fc.property(operations, (steps) => {
      const store = createStore(memoryBackend());
      steps.forEach((step, index) => {
        apply(store, step, index);
      });
      for (let version = 1; version <= store.version(); version += 1) {
        const state = new Map(store.listAt(TABLE, '', version)?.map((entry) => [entry.key, entry.json]));
        for (const event of store.since(TABLE, version) ?? []) {
          if (event.type === 'DELETED') state.delete(event.entry.key);
          else state.set(event.entry.key, event.entry.json);
        }
        assert.deepEqual([...state.values()].sort(), content(store).sort());
      }
    }),
  );
});

test('a write at another version than expected is refused and changes nothing', () => {
  const store = createStore(memoryBackend());
  const first = store.put(TABLE, 'a', object('a', 1), 0);
  assert.throws(() => store.put(TABLE, 'a', object('a', 2), 0), StoreConflict);
  assert.throws(() => store.remove(TABLE, 'a', first.version + 1), StoreConflict);
  assert.equal(store.get(TABLE, 'a')?.version, first.version);
});

test('history is bounded: what is too old is said to be gone', () => {
  const store = createStore(memoryBackend(), { events: 3, bytes: 1_000_000 });
  const start = store.version();
  for (let index = 0; index < 5; index += 1) apply(store, { name: 'a', kind: 'put' }, index);
  assert.equal(store.since(TABLE, start), undefined);
  assert.equal(store.since(TABLE, store.version() - 3)?.length, 3);
  store.compact();
  assert.equal(store.since(TABLE, store.version() - 1), undefined);
});

test('what was written is there after the file is opened again, and versions go on rising', () => {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  try {
    const path = join(folder, 'objects.db');
    const before = createStore(sqliteBackend(path));
    before.put(TABLE, 'a', object('a', 1), 0);
    const gone = before.put(TABLE, 'b', object('b', 1), 0);
    before.remove(TABLE, 'b', gone.version);
    const [expected, version] = [content(before), before.version()];
    before.close();
    const after = createStore(sqliteBackend(path));
    assert.deepEqual(content(after), expected);
    assert.equal(after.version(), version);
    assert.equal(after.put(TABLE, 'c', object('c', 1), 0).version, version + 1);
    after.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
