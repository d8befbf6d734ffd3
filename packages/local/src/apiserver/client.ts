/** The API for parts of the same process: the same pipeline as HTTP, without the network and without authorization. */

import { groupVersion, splitGroupVersion } from './decode/body.ts';
import { noSuchResource, notFound } from './registry/errors.ts';
import type { ApiObject, JsonObject, RequestContext, ResourceInfo, UserInfo } from './registry/types.ts';
import { parseFieldSelector } from './selectors/fields.ts';
import { type LabelSelector, parseLabelSelector } from './selectors/labels.ts';
import { type Core, keyOf, served, type Target, tableOf, view, type WriteOptions } from './verbs/core.ts';
import { createObject } from './verbs/create.ts';
import { type DeleteOptions, deleteObject } from './verbs/delete.ts';
import { EVERYTHING, listObjects, selects } from './verbs/list.ts';
import { type PatchType, patchObject } from './verbs/patch.ts';
import { updateObject } from './verbs/update.ts';
import { watchObjects } from './verbs/watch.ts';

/** A resource by its plural name: `{ group: 'apps', version: 'v1', resource: 'deployments' }`. */
export interface ResourceName {
  group: string;
  version: string;
  resource: string;
}

export interface ObjectRef {
  namespace?: string | undefined;
  name: string;
}

export interface Selection {
  namespace?: string | undefined;
  labelSelector?: string | LabelSelector;
  fieldSelector?: string;
}

export interface ClientWatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: ApiObject;
}

export interface ClientWatch extends Selection {
  /** Absent: begins with ADDED for what there is. */
  resourceVersion?: string;
  /** Called in the order of the versions, right after each write; must not throw and must not write itself at once. */
  onEvent(event: ClientWatchEvent): void;
  /** The version asked for is no longer known: list again. */
  onGone?(): void;
}

export interface SubresourceOptions {
  subresource?: string;
}

export interface ApiClient {
  get(type: ResourceName, ref: ObjectRef): Promise<ApiObject>;
  /** undefined instead of an error when it is not there. */
  find(type: ResourceName, ref: ObjectRef): Promise<ApiObject | undefined>;
  list(type: ResourceName, selection?: Selection): Promise<{ items: ApiObject[]; resourceVersion: string }>;
  /** The same without copies: the objects are shared and must not be changed. */
  peek(type: ResourceName, selection?: Selection): readonly ApiObject[];
  /** Returns what ends the watch. */
  watch(type: ResourceName, watch: ClientWatch): () => void;
  create(type: ResourceName, object: ApiObject): Promise<ApiObject>;
  update(type: ResourceName, object: ApiObject, options?: SubresourceOptions): Promise<ApiObject>;
  updateStatus(type: ResourceName, object: ApiObject): Promise<ApiObject>;
  patch(
    type: ResourceName,
    ref: ObjectRef,
    patch: { type: PatchType; body: unknown; force?: boolean },
    options?: SubresourceOptions,
  ): Promise<ApiObject>;
  /** The object as it was, or as it is while something holds it. */
  delete(type: ResourceName, ref: ObjectRef, options?: DeleteOptions): Promise<ApiObject>;
}

export function createApiClient(core: Core, user: UserInfo, fieldManager: string): ApiClient {
  const write = (): WriteOptions => ({ context: contextFor(core, user, fieldManager), options: {} });
  const target = (type: ResourceName, ref: ObjectRef, subresource?: string): Target => {
    const info = resolve(core, type);
    const namespace = info.namespaced ? ref.namespace : undefined;
    return { info, namespace, name: ref.name, ...(subresource === undefined ? {} : { subresource }) };
  };
  const find: ApiClient['find'] = async (type, ref) => {
    const { info, namespace, name } = target(type, ref);
    const entry = core.store.get(tableOf(info), keyOf(namespace, name));
    return entry === undefined ? undefined : served(info, entry);
  };
  const update: ApiClient['update'] = async (type, object, options) => {
    const { name, namespace } = object.metadata;
    const { object: updated } = await updateObject({
      core,
      target: target(type, { name: name ?? '', namespace }, options?.subresource),
      write: write(),
      verb: 'update',
      missing: 'refuse',
      change: () => ({ object: structuredClone(object) }),
    });
    return updated;
  };
  return {
    find,
    async get(type, ref) {
      const found = await find(type, ref);
      if (found === undefined) throw notFound(resolve(core, type), ref.name);
      return found;
    },
    async list(type, selection = {}) {
      const info = resolve(core, type);
      const options = { ...EVERYTHING, ...selectors(info, selection) };
      const result = await listObjects(core, info, selection.namespace, options);
      return { items: result.entries.map((entry) => served(info, entry)), resourceVersion: String(result.version) };
    },
    peek(type, selection = {}) {
      const info = resolve(core, type);
      const chosen = selectors(info, selection);
      const prefix = selection.namespace === undefined ? '' : `${selection.namespace}/`;
      const entries = core.store.list(tableOf(info), prefix);
      return entries.filter((entry) => selects(info, chosen, entry)).map((entry) => view(info, entry));
    },
    watch: (type, watch) => startWatch(core, resolve(core, type), watch),
    create(type, object) {
      const { name, namespace } = object.metadata;
      return createObject({
        core,
        target: target(type, { name: name ?? '', namespace }),
        object: withKind(resolve(core, type), structuredClone(object)),
        write: write(),
      });
    },
    update,
    updateStatus: (type, object) => update(type, object, { subresource: 'status' }),
    async patch(type, ref, { type: patchType, body, force }, options) {
      const input = { core, target: target(type, ref, options?.subresource), write: write(), type: patchType, body };
      const { object } = await patchObject({ ...input, force: force ?? false, checkFields: () => {} });
      return object;
    },
    async delete(type, ref, options = {}) {
      const context = { ...write(), options: options as JsonObject };
      return (await deleteObject({ core, target: target(type, ref), write: context, options })).object;
    },
  };
}

/** `apps/v1`, `deployments` -> the resource that `client` takes. */
export function resourceName(apiVersion: string, resource: string): ResourceName {
  const [group, version] = splitGroupVersion(apiVersion);
  return { group, version, resource };
}

function resolve(core: Core, { group, version, resource }: ResourceName): ResourceInfo {
  const info = core.registry.find(group, version, resource);
  if (info === undefined) throw noSuchResource();
  return info;
}

function withKind(info: ResourceInfo, object: ApiObject): ApiObject {
  object.apiVersion ??= groupVersion(info.group, info.version);
  object.kind ??= info.kind;
  return object;
}

function selectors(
  info: ResourceInfo,
  { labelSelector, fieldSelector }: Selection,
): Pick<typeof EVERYTHING, 'labels' | 'fields'> {
  return {
    labels: typeof labelSelector === 'string' ? parseLabelSelector(labelSelector) : (labelSelector ?? []),
    fields: parseFieldSelector(fieldSelector ?? '', info),
  };
}

function startWatch(core: Core, info: ResourceInfo, watch: ClientWatch): () => void {
  const options = { ...selectors(info, watch), resourceVersion: watch.resourceVersion ?? '' };
  return watchObjects(core, info, watch.namespace, options, {
    event: ({ type, entry }) => watch.onEvent({ type, object: view(info, entry) }),
    gone: () => watch.onGone?.(),
  });
}

function contextFor(core: Core, user: UserInfo, fieldManager: string): RequestContext {
  return {
    user,
    fieldManager,
    fieldValidation: 'Ignore',
    dryRun: false,
    now: () => core.now(),
    warn: () => {},
    signal: new AbortController().signal,
  };
}
