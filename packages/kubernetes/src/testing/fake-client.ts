import type { Client, PatchBody } from '../client/client.ts';
import type { WatchEvent } from '../client/watch.ts';
import { ApiError } from '../errors.ts';
import { apiVersionOf, type KubernetesObject, type ObjectKey, type ResourceType } from '../resource.ts';

/** An API server in memory for tests: objects, versions, conflicts and watches; nothing is validated. */
export interface FakeApi {
  client: Client;
  /** Every write in order, as `verb plural name`. */
  writes: string[];
  /** Ends all running watches, as a server does at its time limit. */
  cutWatches(error?: unknown): void;
  /** Makes the next requests of this verb fail. */
  failNext(verb: string, error: unknown, times?: number): void;
  all<T extends KubernetesObject>(type: ResourceType<T>): T[];
}

interface Watcher {
  plural: string;
  push(event: WatchEvent<KubernetesObject>): void;
  end(error?: unknown): void;
}

export function createFakeApi(): FakeApi {
  const stores = new Map<string, Map<string, KubernetesObject>>();
  const watchers = new Set<Watcher>();
  const writes: string[] = [];
  const failures: { verb: string; error: unknown }[] = [];
  let version = 0;

  const storeOf = (type: ResourceType<KubernetesObject>) => {
    const store = stores.get(type.plural) ?? new Map<string, KubernetesObject>();
    stores.set(type.plural, store);
    return store;
  };
  const idOf = ({ namespace, name }: { namespace?: string; name?: string }) => `${namespace ?? ''}/${name ?? ''}`;
  const failIfTold = (verb: string) => {
    const index = failures.findIndex((failure) => failure.verb === verb);
    if (index >= 0) throw failures.splice(index, 1)[0]?.error;
  };
  const refuse = (status: number, reason: string, what: string) =>
    new ApiError(status, { kind: 'Status', reason, message: `${what}: ${reason}` }, what);

  const put = <T extends KubernetesObject>(type: ResourceType<T>, object: T, event: 'ADDED' | 'MODIFIED'): T => {
    version += 1;
    const metadata = {
      uid: `uid-${version}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...object.metadata,
      resourceVersion: String(version),
    };
    const stored = { ...structuredClone(object), apiVersion: apiVersionOf(type), kind: type.kind, metadata };
    storeOf(type).set(idOf(metadata), stored);
    for (const watcher of watchers) {
      if (watcher.plural === type.plural) watcher.push({ type: event, object: structuredClone(stored) });
    }
    return structuredClone(stored) as T;
  };

  const find = <T extends KubernetesObject>(type: ResourceType<T>, key: ObjectKey): T => {
    const object = storeOf(type).get(idOf(key));
    if (!object) throw refuse(404, 'NotFound', `${type.plural} "${key.name}"`);
    return object as T;
  };

  const unsupported = () => Promise.reject(new Error('not part of the fake API'));
  const client: Client = {
    config: { server: 'http://fake', namespace: 'default', credentials: () => ({}) },
    async get(type, key) {
      failIfTold('get');
      return structuredClone(find(type, key));
    },
    async list(type, { namespace } = {}) {
      failIfTold('list');
      const items = [...storeOf(type).values()].filter((o) => !namespace || o.metadata?.namespace === namespace);
      return { metadata: { resourceVersion: String(version) }, items: structuredClone(items) as never[] };
    },
    watch: (type, { signal }) => watchQueue(type.plural, watchers, signal) as never,
    async create(type, object) {
      failIfTold('create');
      const name = object.metadata?.name ?? '';
      if (storeOf(type).has(idOf(object.metadata ?? {}))) throw refuse(409, 'AlreadyExists', name);
      writes.push(`create ${type.plural} ${name}`);
      return put(type, object, 'ADDED');
    },
    async replace(type, object) {
      failIfTold('replace');
      const name = object.metadata?.name ?? '';
      const current = find(type, { ...object.metadata, name });
      const expected = object.metadata?.resourceVersion;
      if (expected && expected !== current.metadata?.resourceVersion) throw refuse(409, 'Conflict', name);
      writes.push(`replace ${type.plural} ${name}`);
      return put(type, object, 'MODIFIED');
    },
    async patch(type, key, { body }: PatchBody) {
      failIfTold('patch');
      writes.push(`patch ${type.plural} ${key.name}`);
      return put(type, mergePatch(find(type, key), body) as never, 'MODIFIED');
    },
    async delete(type, key) {
      failIfTold('delete');
      const object = find(type, key);
      writes.push(`delete ${type.plural} ${key.name}`);
      storeOf(type).delete(idOf(key));
      for (const watcher of watchers) if (watcher.plural === type.plural) watcher.push({ type: 'DELETED', object });
    },
    deleteCollection: unsupported,
    exec: unsupported,
    request: unsupported,
    stream: () => {
      throw new Error('not part of the fake API');
    },
    close: () => {},
  };

  return {
    client,
    writes,
    cutWatches: (error) => {
      for (const watcher of [...watchers]) watcher.end(error);
    },
    failNext: (verb, error, times = 1) => {
      for (let i = 0; i < times; i += 1) failures.push({ verb, error });
    },
    all: (type) => [...storeOf(type).values()] as never[],
  };
}

async function* watchQueue(plural: string, watchers: Set<Watcher>, signal?: AbortSignal) {
  const events: WatchEvent<KubernetesObject>[] = [];
  let ended: { error?: unknown } | undefined;
  let wake = () => {};
  const watcher: Watcher = {
    plural,
    push: (event) => {
      events.push(event);
      wake();
    },
    end: (error) => {
      ended = { error };
      wake();
    },
  };
  watchers.add(watcher);
  const abort = () => watcher.end();
  signal?.addEventListener('abort', abort);
  try {
    while (true) {
      for (const event of events.splice(0)) yield event;
      if (ended) {
        if (ended.error !== undefined) throw ended.error;
        return;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (ended || events.length > 0) resolve();
      });
    }
  } finally {
    watchers.delete(watcher);
    signal?.removeEventListener('abort', abort);
  }
}

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}
