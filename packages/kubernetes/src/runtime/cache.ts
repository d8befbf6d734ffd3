import type { Client } from '../client/client.ts';
import type { WatchEvent } from '../client/watch.ts';
import { isGone } from '../errors.ts';
import { type KubernetesObject, keyOf, type ResourceType } from '../resource.ts';
import { backoffDelay, sleep } from './time.ts';

export interface CacheOptions<T extends KubernetesObject> {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Makes an object smaller before it is kept; managedFields are always dropped. */
  trim?: (object: T) => T;
  /** Told about lost watches and failed lists; the cache goes on by itself. */
  onError?: (error: unknown) => void;
  /** A watch on which nothing came for so long is opened anew. 150 s, since bookmarks come each minute. */
  silenceMs?: number;
}

export type CacheChange<T> =
  | { kind: 'added'; object: T }
  | { kind: 'modified'; object: T; previous: T }
  | { kind: 'deleted'; object: T };

/** A local copy of a collection, kept current by a watch. */
export interface Cache<T extends KubernetesObject> {
  readonly type: ResourceType<T>;
  get(namespace: string | undefined, name: string): T | undefined;
  list(namespace?: string): T[];
  /** Called for every change after it has been applied; returns a function that ends it. */
  onChange(handler: (change: CacheChange<T>) => void): () => void;
  /** Resolves after the first complete list. */
  synced(): Promise<void>;
  /** Applies an object that this program has just written, unless a newer one is there already. */
  observe(object: T): void;
  /** Runs until the signal fires. */
  start(signal: AbortSignal): Promise<void>;
}

const backoff = { base: 100, max: 10_000 };

export function createCache<T extends KubernetesObject>(
  client: Client,
  type: ResourceType<T>,
  options: CacheOptions<T> = {},
): Cache<T> {
  const objects = new Map<string, T>();
  const handlers = new Set<(change: CacheChange<T>) => void>();
  const ready = Promise.withResolvers<void>();
  const { namespace, labelSelector, fieldSelector } = options;
  const selection = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };

  const tell = (change: CacheChange<T>) => {
    for (const handler of handlers) handler(change);
  };

  const store = (object: T) => {
    const small = trimmed(object, options.trim);
    const key = keyOf(small);
    const previous = objects.get(key);
    if (previous && previous.metadata?.resourceVersion === small.metadata?.resourceVersion) return;
    objects.set(key, small);
    tell(previous ? { kind: 'modified', object: small, previous } : { kind: 'added', object: small });
  };

  const remove = (key: string, last?: T) => {
    const previous = objects.get(key);
    if (!previous) return;
    objects.delete(key);
    tell({ kind: 'deleted', object: last ?? previous });
  };

  async function relist(signal: AbortSignal): Promise<string> {
    const seen = new Set<string>();
    let continueToken: string | undefined;
    let version = '';
    do {
      const page = await client.list(type, {
        ...selection,
        limit: 500,
        signal,
        ...(continueToken ? { continue: continueToken } : {}),
      });
      for (const item of page.items) {
        seen.add(keyOf(item));
        store(item);
      }
      continueToken = page.metadata.continue;
      version = page.metadata.resourceVersion ?? version;
    } while (continueToken);
    for (const key of [...objects.keys()]) if (!seen.has(key)) remove(key);
    return version;
  }

  const apply = ({ type: kind, object }: WatchEvent<T>) => {
    if (kind === 'DELETED') remove(keyOf(object), trimmed(object, options.trim));
    else if (kind !== 'BOOKMARK') store(object);
  };

  /** Follows one watch to its end and gives the version to go on from. */
  async function follow(version: string, signal: AbortSignal): Promise<string> {
    const silence = new AbortController();
    const silenceMs = options.silenceMs ?? 150_000;
    let timer = setTimeout(() => silence.abort(), silenceMs);
    let current = version;
    try {
      const events = client.watch(type, {
        ...selection,
        resourceVersion: version,
        allowBookmarks: true,
        timeoutSeconds: 300 + Math.floor(Math.random() * 300),
        signal: AbortSignal.any([signal, silence.signal]),
      });
      for await (const event of events) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), silenceMs);
        current = event.object.metadata?.resourceVersion ?? current;
        apply(event);
      }
    } catch (error) {
      if (isGone(error)) throw error;
      if (!signal.aborted && !silence.signal.aborted) {
        options.onError?.(error);
        await sleep(backoffDelay(backoff, 1), signal);
      }
    } finally {
      clearTimeout(timer);
    }
    return current;
  }

  async function start(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        let version = await relist(signal);
        ready.resolve();
        failures = 0;
        while (!signal.aborted) version = await follow(version, signal);
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        options.onError?.(error);
        await sleep(backoffDelay(backoff, failures), signal);
      }
    }
  }

  return {
    type,
    get: (ns, name) => objects.get(ns ? `${ns}/${name}` : name),
    list: (ns) => {
      const all = [...objects.values()];
      return ns === undefined ? all : all.filter(({ metadata }) => metadata?.namespace === ns);
    },
    onChange: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    synced: () => ready.promise,
    observe: (object) => {
      const known = objects.get(keyOf(object))?.metadata?.resourceVersion;
      if (known === undefined || isNewer(object.metadata?.resourceVersion, known)) store(object);
    },
    start,
  };
}

/** Resource versions of one server count upwards; where they are not numbers the watch will tell. */
function isNewer(version: string | undefined, known: string): boolean {
  if (version === undefined || !/^\d+$/.test(version) || !/^\d+$/.test(known)) return false;
  return BigInt(version) > BigInt(known);
}

function trimmed<T extends KubernetesObject>(object: T, trim: ((object: T) => T) | undefined): T {
  if (object.metadata) delete object.metadata.managedFields;
  return trim ? trim(object) : object;
}
