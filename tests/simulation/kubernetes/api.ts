/**
 * The API server as its clients meet it: slow, away, cut off; a request may be lost before it is applied, and its answer
 * after. Watches bring changes late, in order, and break; then the client lists anew.
 */
import type { KubernetesObject } from '@matriarch/kubernetes';
import { type Network, reaches } from '../engine/network.ts';
import { type Actor, after, type Simulation } from '../engine/simulation.ts';
import { type Change, createStore, listOf, type Outcome, type Refusal, type Store } from './store.ts';

export interface ApiServer {
  readonly store: Store;
  readonly watchers: Watcher[];
  /** Why it does not answer; 0 = it does. */
  down: number;
  /** Added to each way of a request. */
  slowMs: number;
  /** Part of the requests or answers that are lost. */
  loss: number;
  /** Added to the delay of a watch now and then. */
  watchLagMs: number;
}

export const createApi = (): ApiServer => ({
  store: createStore(),
  watchers: [],
  down: 0,
  slowMs: 0,
  loss: 0,
  watchLagMs: 0,
});

export interface Site {
  readonly sim: Simulation;
  readonly network: Network;
  readonly api: ApiServer;
}

/** Who asks, and from where. */
export interface Client {
  readonly actor: Actor;
  readonly place: string;
}

export type Result = Outcome | { readonly refusal: Refusal | 'no answer' };

const isUp = ({ api, network }: Site, { place }: Client): boolean => api.down === 0 && reaches(network, place, 'api');

/** Sends one request; `done` is called once, by the client, unless the client has ended. */
export function request(
  site: Site,
  client: Client,
  timeoutMs: number,
  apply: (store: Store) => Outcome,
  done: (result: Result) => void,
): void {
  const { sim, api } = site;
  const { random } = sim;
  const deadline = sim.now + timeoutMs;
  const giveUp = () => after(sim, client.actor, deadline - sim.now, () => done({ refusal: 'no answer' }));
  if (!isUp(site, client) || random.chance(api.loss)) {
    // A server that is down refuses at once; a network that is cut says nothing.
    if (api.down > 0 && random.chance(0.5)) after(sim, client.actor, 5, () => done({ refusal: 'no answer' }));
    else giveUp();
    return;
  }
  const way = () => random.between(1, 8) + (api.slowMs > 0 ? random.between(0, api.slowMs) : 0);
  after(sim, undefined, way(), () => {
    if (!isUp(site, client)) return void giveUp();
    const outcome = apply(api.store);
    const back = way();
    if (random.chance(api.loss) || sim.now + back > deadline) return void giveUp();
    after(sim, client.actor, back, () => done(outcome));
  });
}

export const isRefused = (result: Result): result is { readonly refusal: Refusal | 'no answer' } => 'refusal' in result;

/** A client's copy of some kinds of objects. */
export interface Watcher {
  readonly client: Client;
  readonly kinds: ReadonlySet<string>;
  readonly cache: Map<string, Map<string, KubernetesObject>>;
  /** The same in the order of names, until something changes. */
  readonly lists: Map<string, readonly KubernetesObject[]>;
  readonly onChange: (change: Change) => void;
  cursor: number;
  scheduled: boolean;
  /** Until then nothing comes, and nobody notices. */
  silentUntil: number;
  mustList: boolean;
}

const relistMs = 500;

export function watch(site: Site, options: Pick<Watcher, 'client' | 'kinds' | 'onChange'>): Watcher {
  const { store } = site.api;
  const watcher: Watcher = {
    ...options,
    cache: new Map([...options.kinds].map((kind) => [kind, new Map()])),
    lists: new Map(),
    cursor: store.log.length,
    scheduled: false,
    silentUntil: 0,
    mustList: true,
  };
  site.api.watchers.push(watcher);
  schedule(site, watcher, 2);
  return watcher;
}

/** Called once: tells the watchers of every write. */
export function startWatches(site: Site): void {
  const { sim, api } = site;
  api.store.listeners.push((change) => {
    for (const watcher of api.watchers) {
      if (watcher.scheduled || !watcher.client.actor.alive || !watcher.kinds.has(change.kind)) continue;
      const late = api.watchLagMs > 0 && sim.random.chance(0.3) ? sim.random.between(0, api.watchLagMs) : 0;
      schedule(site, watcher, sim.random.between(1, 15) + late);
    }
  });
}

function schedule(site: Site, watcher: Watcher, ms: number): void {
  watcher.scheduled = true;
  after(site.sim, watcher.client.actor, ms, () => {
    watcher.scheduled = false;
    deliver(site, watcher);
  });
}

function deliver(site: Site, watcher: Watcher) {
  const { sim, api } = site;
  if (sim.now < watcher.silentUntil) {
    watcher.mustList = true;
    return schedule(site, watcher, watcher.silentUntil - sim.now + 1);
  }
  if (!isUp(site, watcher.client)) {
    watcher.mustList = true;
    return schedule(site, watcher, relistMs);
  }
  if (watcher.mustList) return list(watcher, api.store);
  const { log } = api.store;
  while (watcher.cursor < log.length) {
    const change = log[watcher.cursor] as Change;
    watcher.cursor += 1;
    if (watcher.kinds.has(change.kind)) take(watcher, change);
  }
}

function list(watcher: Watcher, store: Store): void {
  watcher.mustList = false;
  watcher.cursor = store.log.length;
  for (const [kind, known] of watcher.cache) {
    const seen = new Set<string>();
    for (const object of listOf(store, kind)) {
      const name = object.metadata?.name ?? '';
      seen.add(name);
      const last = known.get(name);
      if (last !== object) take(watcher, { kind, name, object, last });
    }
    for (const [name, last] of [...known]) {
      if (!seen.has(name)) take(watcher, { kind, name, object: undefined, last });
    }
  }
}

function take(watcher: Watcher, change: Change): void {
  const known = watcher.cache.get(change.kind);
  if (known === undefined) return;
  const last = known.get(change.name);
  if (last === change.object) return;
  if (change.object === undefined) known.delete(change.name);
  else known.set(change.name, change.object);
  watcher.lists.delete(change.kind);
  watcher.onChange({ ...change, last });
}

/** Takes over an object that this client has just written, unless a newer one is there. */
export function observe(watcher: Watcher, kind: string, object: KubernetesObject): void {
  const name = object.metadata?.name ?? '';
  const known = cached(watcher, kind, name);
  const version = ({ metadata }: KubernetesObject) => Number(metadata?.resourceVersion ?? 0);
  if (known && version(known) >= version(object)) return;
  take(watcher, { kind, name, object, last: known });
}

export const cached = <T extends KubernetesObject>(watcher: Watcher, kind: string, name: string): T | undefined =>
  watcher.cache.get(kind)?.get(name) as T | undefined;

export function cachedList<T extends KubernetesObject>(watcher: Watcher, kind: string): readonly T[] {
  const known = watcher.lists.get(kind);
  if (known) return known as readonly T[];
  const objects = [...(watcher.cache.get(kind)?.values() ?? [])];
  const sorted = objects.sort((a, b) => ((a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1));
  watcher.lists.set(kind, sorted);
  return sorted as T[];
}
