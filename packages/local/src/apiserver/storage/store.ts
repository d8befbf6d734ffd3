/**
 * All objects, in memory by resource, written through to a backend. Everything is synchronous: a write is checked,
 * committed and told to the watchers before the next one is looked at, so versions and events are in one order.
 */

import type { ApiObject } from '../registry/types.ts';
import type { Backend } from './backend.ts';
import { Entry, type StoreEvent } from './entry.ts';
import { createHistory, type HistoryLimits } from './history.ts';

/** A write that came too late: `current` is what is there now. */
export class StoreConflict extends Error {
  readonly current: Entry | undefined;
  constructor(current: Entry | undefined) {
    super('the object is not at the expected version');
    this.name = 'StoreConflict';
    this.current = current;
  }
}

export interface Store {
  get(resource: string, key: string): Entry | undefined;
  /** Entries whose key starts with `prefix`, in the order of their keys. */
  list(resource: string, prefix: string): Entry[];
  /** The same as it was at `version`; undefined when history no longer tells. */
  listAt(resource: string, prefix: string, version: number): Entry[] | undefined;
  /** `expected` 0: the object must not be there. Sets metadata.resourceVersion in `object`. */
  put(resource: string, key: string, object: ApiObject, expected: number): Entry;
  /** Removes it; `last` is what the DELETED event shows, absent: the state before. Returns the event's entry. */
  remove(resource: string, key: string, expected: number, last?: ApiObject): Entry;
  /** The version of the last write. */
  version(): number;
  /** Every event from now on, in order, called right after the commit. Returns what ends it. */
  subscribe(resource: string, listener: (event: StoreEvent) => void): () => void;
  /** Events after `version`, or undefined when they are gone. */
  since(resource: string, version: number): StoreEvent[] | undefined;
  /** Forgets all history, as compaction does. */
  compact(): void;
  resources(): string[];
  close(): void;
}

interface Table {
  entries: Map<string, Entry>;
  /** Sorted keys; undefined after a key came or went. */
  keys: string[] | undefined;
}

const DEFAULT_LIMITS: HistoryLimits = { events: 10_000, bytes: 16 * 1024 * 1024 };

export function createStore(backend: Backend, limits: HistoryLimits = DEFAULT_LIMITS): Store {
  const loaded = backend.load();
  const tables = loadTables(loaded.rows);
  let version = loaded.version;
  const history = createHistory(version, limits);
  const listeners = new Map<string, Set<(event: StoreEvent) => void>>();

  const table = (resource: string): Table => {
    const found = tables.get(resource);
    if (found !== undefined) return found;
    const fresh: Table = { entries: new Map(), keys: undefined };
    tables.set(resource, fresh);
    return fresh;
  };
  const publish = (event: StoreEvent): void => {
    history.add(event);
    event.previous?.release();
    for (const listener of [...(listeners.get(event.resource) ?? [])]) listener(event);
  };
  const check = (current: Entry | undefined, expected: number): void => {
    if ((current?.version ?? 0) !== expected) throw new StoreConflict(current);
  };

  return {
    get: (resource, key) => tables.get(resource)?.entries.get(key),
    list: (resource, prefix) => entriesOf(table(resource), prefix),
    listAt(resource, prefix, at) {
      const events = at > version ? [] : history.since(resource, at);
      return events === undefined ? undefined : rewind(entriesOf(table(resource), prefix), events, prefix);
    },
    put(resource, key, object, expected) {
      const current = table(resource);
      const previous = current.entries.get(key);
      check(previous, expected);
      object.metadata.resourceVersion = String(version + 1);
      const json = JSON.stringify(object);
      backend.put(`${resource}//${key}`, version + 1, json);
      version += 1;
      const entry = new Entry(key, version, json);
      current.entries.set(key, entry);
      if (previous === undefined) current.keys = undefined;
      publish({ type: previous === undefined ? 'ADDED' : 'MODIFIED', resource, version, entry, previous });
      return entry;
    },
    remove(resource, key, expected, last) {
      const current = table(resource);
      const previous = current.entries.get(key);
      check(previous, expected);
      if (previous === undefined) throw new StoreConflict(undefined);
      const object = last ?? previous.copy();
      object.metadata.resourceVersion = String(version + 1);
      backend.remove(`${resource}//${key}`, version + 1);
      version += 1;
      const entry = new Entry(key, version, JSON.stringify(object));
      current.entries.delete(key);
      current.keys = undefined;
      publish({ type: 'DELETED', resource, version, entry, previous });
      return entry;
    },
    version: () => version,
    subscribe(resource, listener) {
      const set = listeners.get(resource) ?? new Set();
      listeners.set(resource, set);
      set.add(listener);
      return () => set.delete(listener);
    },
    since: (resource, from) => history.since(resource, from),
    compact: () => history.forget(version),
    resources: () => [...tables.keys()],
    close: () => backend.close(),
  };
}

function loadTables(rows: readonly { key: string; version: number; json: string }[]): Map<string, Table> {
  const tables = new Map<string, Table>();
  for (const row of rows) {
    const cut = row.key.indexOf('//');
    const resource = row.key.slice(0, cut);
    const key = row.key.slice(cut + 2);
    const table = tables.get(resource) ?? { entries: new Map<string, Entry>(), keys: undefined };
    tables.set(resource, table);
    table.entries.set(key, new Entry(key, row.version, row.json));
  }
  return tables;
}

function entriesOf(table: Table, prefix: string): Entry[] {
  table.keys ??= [...table.entries.keys()].sort(compareKeys);
  const found: Entry[] = [];
  for (const key of table.keys) {
    const entry = key.startsWith(prefix) ? table.entries.get(key) : undefined;
    if (entry !== undefined) found.push(entry);
  }
  return found;
}

/** By bytes, as etcd orders keys: names are ASCII, so comparing code units is the same. */
export function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Undoes `events`, newest first. */
function rewind(entries: readonly Entry[], events: readonly StoreEvent[], prefix: string): Entry[] {
  const state = new Map(entries.map((entry) => [entry.key, entry]));
  for (const event of [...events].reverse()) {
    if (!event.entry.key.startsWith(prefix)) continue;
    if (event.previous === undefined) state.delete(event.entry.key);
    else state.set(event.entry.key, event.previous);
  }
  return [...state.values()].sort((a, b) => compareKeys(a.key, b.key));
}
