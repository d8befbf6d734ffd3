/**
 * A view of one kind of objects that is always current: the watch tells of each write before the writer goes on.
 * Handlers run in the order of the changes, after the view holds them. They must not write at once: they put keys into queues.
 */
import type { Api } from './api.ts';
import { type Key, keyOf, keyString, type Resource, type Stored } from './resources.ts';

export interface Change<T> {
  /** Missing after a deletion. */
  readonly object: Stored<T> | undefined;
  /** Missing when new. */
  readonly previous: Stored<T> | undefined;
  readonly key: Key;
}

export interface Cache<T> {
  readonly resource: Resource<T>;
  get(key: Key): Stored<T> | undefined;
  list(namespace?: string): Stored<T>[];
  /** Tells of what is there at once, then of each change. */
  onChange(handler: (change: Change<T>) => void): void;
}

function startCache<T>(api: Api, resource: Resource<T>): { cache: Cache<T>; stop: () => void } {
  const objects = new Map<string, Stored<T>>();
  const handlers: ((change: Change<T>) => void)[] = [];
  const stop = api.watch(resource, ({ type, object }) => {
    const key = keyOf(object);
    const id = keyString(key);
    const previous = objects.get(id);
    const current = type === 'DELETED' ? undefined : object;
    if (current) objects.set(id, current);
    else objects.delete(id);
    for (const handler of handlers)
      handler({ object: current, previous: previous ?? (current ? undefined : object), key });
  });
  const cache: Cache<T> = {
    resource,
    get: (key) => objects.get(keyString(key)),
    list: (namespace) => {
      const all = [...objects.values()];
      return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
    },
    onChange: (handler) => {
      handlers.push(handler);
      for (const object of [...objects.values()]) handler({ object, previous: undefined, key: keyOf(object) });
    },
  };
  return { cache, stop };
}

/** All caches of a process: one for each resource, started on first use. */
export interface Caches {
  of<T>(resource: Resource<T>): Cache<T>;
  stop(): void;
}

export function createCaches(api: Api): Caches {
  const started = new Map<string, { cache: unknown; stop: () => void }>();
  return {
    of: <T>(resource: Resource<T>): Cache<T> => {
      const id = `${resource.group}/${resource.version}/${resource.resource}`;
      const known = started.get(id);
      if (known) return known.cache as Cache<T>;
      const fresh = startCache(api, resource);
      started.set(id, fresh);
      return fresh.cache;
    },
    stop: () => {
      for (const { stop } of started.values()) stop();
    },
  };
}
