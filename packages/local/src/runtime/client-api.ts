/** The `Api` of controllers, scheduler and node over the API server of this process. */
import type { ApiClient, ObjectRef } from '../apiserver/client.ts';
import { noSuchResource } from '../apiserver/registry/errors.ts';
import type { ApiObject, UserInfo } from '../apiserver/registry/types.ts';
import type { ApiServer } from '../apiserver/server.ts';
import type { Api } from './api.ts';
import type { Key, Resource, Stored } from './resources.ts';

const MANAGER = 'kube-controller-manager';

function userFor(name: string): UserInfo {
  const node = name.startsWith('node:') ? name.slice('node:'.length) : undefined;
  if (node !== undefined) return { name: `system:node:${node}`, groups: ['system:nodes', 'system:authenticated'] };
  return { name: `system:${name}`, groups: ['system:masters', 'system:authenticated'] };
}

function ref<T>(resource: Resource<T>, { namespace, name }: Key): ObjectRef {
  return resource.namespaced ? { namespace, name } : { name };
}

export function createApi(server: ApiServer, name: string = MANAGER): Api {
  const user = userFor(name);
  const manager = name.startsWith('node:') ? 'kubelet' : name;
  const client: ApiClient = server.client(user, manager);
  return {
    as: (other) => createApi(server, other),
    get: async (resource, key) => (await client.find(resource, ref(resource, key))) as never,
    list: (resource, namespace) => client.peek(resource, { namespace }) as unknown as readonly Stored<never>[],
    watch: (resource, onEvent) =>
      client.watch(resource, { onEvent: ({ type, object }) => onEvent({ type, object: object as never }) }),
    create: async (resource, namespace, object) => {
      const { metadata, ...rest } = object as unknown as ApiObject;
      const place = resource.namespaced ? { namespace } : {};
      const full = { ...rest, metadata: { ...metadata, ...place } } as ApiObject;
      return (await client.create(resource, full)) as never;
    },
    update: async (resource, object) => (await client.update(resource, toObject(object))) as never,
    updateSubresource: async (resource, object, subresource) =>
      (await client.update(resource, toObject(object), { subresource })) as never,
    patch: async (resource, key, body, subresource) => {
      const options = subresource === undefined ? {} : { subresource };
      return (await client.patch(resource, ref(resource, key), { type: 'merge', body }, options)) as never;
    },
    createSubresource: async (resource, key, subresource, body) => {
      const info = server.core.registry.find(resource.group, resource.version, resource.resource);
      const create = info?.subresourceHandlers?.[subresource]?.create;
      if (!create) throw noSuchResource();
      const context = {
        user,
        fieldManager: manager,
        fieldValidation: 'Ignore' as const,
        dryRun: false,
        now: () => server.core.now(),
        warn: () => undefined,
        signal: new AbortController().signal,
      };
      const request = { ...ref(resource, key), namespace: key.namespace, body: body as ApiObject };
      return (await create({ ...request, query: new URLSearchParams(), context })) as never;
    },
    delete: async (resource, key, request = {}) => {
      const { uid, resourceVersion, ...options } = request;
      const preconditions = {
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      };
      await client.delete(resource, ref(resource, key), { ...options, preconditions });
    },
  };
}

function toObject<T>(object: Stored<T>): ApiObject {
  return object as unknown as ApiObject;
}
