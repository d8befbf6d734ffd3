import type { KubernetesObject } from '@matriarch/kubernetes';
import { isSame } from '../../../packages/operator/src/cluster/decide/merge.ts';
import { merge } from '../../../packages/operator/src/cluster/testing/model.ts';

/** What the API server keeps. Objects are never changed, only replaced, so that caches may share them. */
export interface Store {
  version: number;
  readonly objects: Map<string, KubernetesObject>;
  readonly log: Change[];
  readonly listeners: ((change: Change) => void)[];
}

export interface Change {
  readonly kind: string;
  readonly name: string;
  /** undefined = it was removed. */
  readonly object: KubernetesObject | undefined;
  readonly last: KubernetesObject | undefined;
}

export type Refusal = 'conflict' | 'not found' | 'exists';

export type Outcome = { readonly object: KubernetesObject | undefined } | { readonly refusal: Refusal };

export const createStore = (): Store => ({ version: 1000, objects: new Map(), log: [], listeners: [] });

const keyOf = (kind: string, name: string): string => `${kind}/${name}`;

export function read<T extends KubernetesObject>(store: Store, kind: string, name: string): T | undefined {
  return store.objects.get(keyOf(kind, name)) as T | undefined;
}

export function listOf<T extends KubernetesObject>(store: Store, kind: string): T[] {
  const prefix = `${kind}/`;
  const found: T[] = [];
  for (const [key, object] of store.objects) if (key.startsWith(prefix)) found.push(object as T);
  return found;
}

function commit(store: Store, kind: string, name: string, next: KubernetesObject | undefined): Outcome {
  const key = keyOf(kind, name);
  const last = store.objects.get(key);
  store.version += 1;
  const metadata = next && { uid: `uid-${store.version}`, ...next.metadata, resourceVersion: String(store.version) };
  const object = next && ({ ...next, metadata } as KubernetesObject);
  if (object) store.objects.set(key, object);
  else store.objects.delete(key);
  const change = { kind, name, object, last };
  store.log.push(change);
  for (const listener of store.listeners) listener(change);
  return { object: object ?? last };
}

export function create(store: Store, kind: string, object: KubernetesObject): Outcome {
  const name = object.metadata?.name ?? '';
  if (store.objects.has(keyOf(kind, name))) return { refusal: 'exists' };
  return commit(store, kind, name, object);
}

/** A merge patch; a version in its metadata must be that of the object. A patch that changes nothing is no write. */
export function patch(store: Store, kind: string, name: string, body: object): Outcome {
  const live = read(store, kind, name);
  if (!live) return { refusal: 'not found' };
  const { metadata } = body as KubernetesObject;
  if (metadata?.resourceVersion !== undefined && metadata.resourceVersion !== live.metadata?.resourceVersion) {
    return { refusal: 'conflict' };
  }
  const next = merge(live, body) as KubernetesObject;
  return isSame(live, next) ? { object: live } : commit(store, kind, name, next);
}

/** A whole object in place of exactly the version it was made from. */
export function replace(store: Store, kind: string, object: KubernetesObject): Outcome {
  const name = object.metadata?.name ?? '';
  const live = read(store, kind, name);
  if (!live) return { refusal: 'not found' };
  if (object.metadata?.resourceVersion !== live.metadata?.resourceVersion) return { refusal: 'conflict' };
  return commit(store, kind, name, object);
}

/** Pods and claims go when whoever uses them says so; everything else goes at once. */
export function remove(store: Store, kind: string, name: string, options: { uid?: string; now?: string }): Outcome {
  const live = read(store, kind, name);
  if (!live) return { refusal: 'not found' };
  if (options.uid !== undefined && options.uid !== live.metadata?.uid) return { refusal: 'conflict' };
  if (options.now === undefined) return commit(store, kind, name, undefined);
  if (live.metadata?.deletionTimestamp) return { object: live };
  return commit(store, kind, name, { ...live, metadata: { ...live.metadata, deletionTimestamp: options.now } });
}
