/**
 * Makes definitions take effect. A definition is: new (nothing accepted), established (its resources are served), under
 * deletion (its resources are no longer served, its instances are deleted, then its finalizer goes), gone.
 * Every step is computed from what is stored, so it is done again, to the same end, after a crash between two steps.
 */

import type { ApiClient } from '../client.ts';
import { ApiError } from '../registry/errors.ts';
import type { Registry } from '../registry/registry.ts';
import type { ApiObject, ResourceInfo } from '../registry/types.ts';
import { conditionStatus, type Definition, definitionOf, FINALIZER, GROUP, setCondition } from './definition.ts';
import { resourceFromCrd } from './instances.ts';
import { decideNames } from './names.ts';

const DEFINITIONS = { group: GROUP, version: 'v1', resource: 'customresourcedefinitions' };

export interface CustomResourcesOptions {
  client: ApiClient;
  registry: Registry;
  now(): Date;
  /** Told of errors that are not a lost race; the step is tried again with the next change of the definition. */
  failed(error: unknown, definition: string): void;
}

export interface CustomResources {
  /** Resolves when everything seen so far has taken effect. */
  settled(): Promise<void>;
  /** Ends it and resolves when the step under way is done. */
  close(): Promise<void>;
}

export function startCustomResources(options: CustomResourcesOptions): CustomResources {
  const served: Served = new Map();
  let queue = Promise.resolve();
  let closed = false;
  const enqueue = (name: string): void => {
    queue = queue.then(async () => {
      if (closed) return;
      try {
        await reconcile(options, served, name);
      } catch (error) {
        if (!(error instanceof ApiError && (error.code === 404 || error.code === 409))) options.failed(error, name);
      }
    });
  };
  const stop = options.client.watch(DEFINITIONS, { onEvent: ({ object }) => enqueue(object.metadata.name ?? '') });
  return {
    settled: async () => {
      for (let last: unknown; last !== queue; ) {
        last = queue;
        await queue;
      }
    },
    async close() {
      closed = true;
      stop();
      await queue;
    },
  };
}

/** What is served for a definition, and of which state of it that was made. */
interface Making {
  state: string;
  infos: ResourceInfo[];
}

type Served = Map<string, Making>;

async function reconcile(options: CustomResourcesOptions, served: Served, name: string): Promise<void> {
  const object = await options.client.find(DEFINITIONS, { name });
  if (object === undefined) {
    unserve(options.registry, served, name);
    reconsider(options, name);
    return;
  }
  if (object.metadata.deletionTimestamp !== undefined) {
    await finish(options, served, object);
    return;
  }
  const definition = definitionOf(object);
  const decided = decide(options, definition);
  if (decided) await options.client.updateStatus(DEFINITIONS, object);
  if (conditionStatus(definition, 'Established') === 'True') serve(options.registry, served, object);
}

/** Puts names and conditions into the definition; false when they are there already. */
function decide({ client, registry, now }: CustomResourcesOptions, definition: Definition): boolean {
  const others = client.peek(DEFINITIONS).map(definitionOf);
  const before = JSON.stringify(definition.status);
  const { acceptedNames, conditions } = decideNames(definition, others, registry.all());
  definition.status.acceptedNames = acceptedNames;
  const lastTransitionTime = `${now().toISOString().slice(0, 19)}Z`;
  for (const condition of conditions) setCondition(definition, { ...condition, lastTransitionTime });
  return JSON.stringify(definition.status) !== before;
}

/** Changes of metadata and of conditions make no new resources: what was computed from those there are stays good. */
function serve(registry: Registry, served: Served, object: ApiObject): void {
  const { name = '', uid, generation } = object.metadata;
  const state = JSON.stringify([uid, generation, definitionOf(object).status.acceptedNames]);
  const before = served.get(name);
  if (before?.state === state) return;
  const infos = resourceFromCrd(object);
  for (const old of before?.infos ?? []) {
    if (!infos.some((info) => info.version === old.version)) registry.remove(old);
  }
  for (const info of infos) registry.add(info);
  served.set(name, { state, infos });
}

function unserve(registry: Registry, served: Served, name: string): void {
  for (const info of served.get(name)?.infos ?? []) registry.remove(info);
  served.delete(name);
}

/** Names that became free may be what another definition waits for. */
function reconsider({ client, registry, now, failed }: CustomResourcesOptions, gone: string): void {
  const waiting = client
    .peek(DEFINITIONS)
    .filter((object) => conditionStatus(definitionOf(object), 'NamesAccepted') === 'False');
  for (const object of waiting) {
    const copy = structuredClone(object);
    if (!decide({ client, registry, now, failed }, definitionOf(copy))) continue;
    client.updateStatus(DEFINITIONS, copy).catch((error: unknown) => failed(error, gone));
  }
}

/** Deletes the instances; when none is left, lets the definition go. */
async function finish(options: CustomResourcesOptions, served: Served, object: ApiObject): Promise<void> {
  const { client, registry } = options;
  const name = object.metadata.name ?? '';
  if (object.metadata.finalizers?.includes(FINALIZER) !== true) return;
  if (!served.has(name) && conditionStatus(definitionOf(object), 'Established') === 'True')
    serve(registry, served, object);
  const [info] = served.get(name)?.infos ?? [];
  if (info !== undefined && (await deleteInstances(options, info)) > 0) {
    waitForInstances(options, info, name, served);
    return;
  }
  unserve(registry, served, name);
  const finalizers = object.metadata.finalizers.filter((finalizer) => finalizer !== FINALIZER);
  await client.update(DEFINITIONS, { ...object, metadata: { ...object.metadata, finalizers } });
}

/** How many are still there, held by finalizers of their own. */
async function deleteInstances({ client }: CustomResourcesOptions, info: ResourceInfo): Promise<number> {
  for (const { metadata } of [...client.peek(info)]) {
    if (metadata.deletionTimestamp !== undefined) continue;
    try {
      await client.delete(info, { namespace: metadata.namespace, name: metadata.name ?? '' });
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    }
  }
  return client.peek(info).length;
}

/** The last instance that goes ends the deletion of the definition. */
function waitForInstances(options: CustomResourcesOptions, info: ResourceInfo, name: string, served: Served): void {
  const stop = options.client.watch(info, {
    onEvent({ type }) {
      if (type !== 'DELETED' || options.client.peek(info).length > 0) return;
      stop();
      setImmediate(() => {
        reconcile(options, served, name).catch((error: unknown) => options.failed(error, name));
      });
    },
  });
}
