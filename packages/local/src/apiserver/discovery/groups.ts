/** Discovery one group and one version at a time. */

import { createHash } from 'node:crypto';
import { groupVersion } from '../decode/body.ts';
import type { Registry } from '../registry/registry.ts';
import type { JsonObject, ResourceInfo, Subresource } from '../registry/types.ts';

function groupObject(registry: Registry, group: string): JsonObject {
  const versions = registry.versions(group).map((version) => ({ groupVersion: groupVersion(group, version), version }));
  return { name: group, versions, preferredVersion: versions[0] ?? null };
}

export function apiGroup(registry: Registry, group: string): JsonObject {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupObject(registry, group) };
}

export function apiGroupList(registry: Registry): JsonObject {
  const groups = registry.groups().filter((group) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map((group) => groupObject(registry, group)) };
}

/** Subresources that streams and proxies serve; the rest says what it is by its handler. */
const STREAM_KINDS: { readonly [path: string]: { kind: string; verbs: readonly string[] } } = {
  'pods/attach': { kind: 'PodAttachOptions', verbs: ['create', 'get'] },
  'pods/exec': { kind: 'PodExecOptions', verbs: ['create', 'get'] },
  'pods/log': { kind: 'Pod', verbs: ['get'] },
  'pods/portforward': { kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
  'pods/proxy': { kind: 'PodProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
  'services/proxy': { kind: 'ServiceProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
  'nodes/proxy': { kind: 'NodeProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
};

const STATUS_VERBS = ['get', 'patch', 'update'];

export type SubresourceFacts = Pick<Subresource, 'kind' | 'group' | 'version' | 'verbs'>;

export function subresourceFacts(info: ResourceInfo, name: string): SubresourceFacts {
  const stream = info.group === '' ? STREAM_KINDS[`${info.resource}/${name}`] : undefined;
  return stream ?? info.subresourceHandlers?.[name] ?? { kind: info.kind, verbs: STATUS_VERBS };
}

const sorted = (verbs: readonly string[]): string[] => [...verbs].sort();

export function apiResourceList(registry: Registry, group: string, version: string): JsonObject {
  const infos = [...registry.resources(group, version)].sort((a, b) => (a.resource < b.resource ? -1 : 1));
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: groupVersion(group, version),
    resources: infos.flatMap(resourceEntries),
  };
}

/** By it clients see that objects are stored in another version than before. */
function storageVersionHash({ group, storageVersion, kind }: ResourceInfo): string {
  const digest = createHash('sha256').update(`${group}/${storageVersion}/${kind}`).digest();
  return digest.subarray(0, 8).toString('base64');
}

function resourceEntries(info: ResourceInfo): JsonObject[] {
  const main: JsonObject = {
    name: info.resource,
    singularName: info.custom === true ? info.singular : '',
    namespaced: info.namespaced,
    kind: info.kind,
    verbs: info.custom === true ? customVerbs(info.verbs) : sorted(info.verbs),
    ...(info.shortNames.length === 0 ? {} : { shortNames: [...info.shortNames] }),
    ...(info.categories.length === 0 ? {} : { categories: [...info.categories] }),
    ...(info.custom === true ? { storageVersionHash: storageVersionHash(info) } : {}),
  };
  const names = info.custom === true ? info.subresources : sorted(info.subresources);
  const subresources = names.map((name) => {
    const { kind, group, version, verbs } = subresourceFacts(info, name);
    return {
      name: `${info.resource}/${name}`,
      singularName: '',
      namespaced: info.namespaced,
      ...(group === undefined ? {} : { group }),
      ...(version === undefined ? {} : { version }),
      kind,
      verbs: info.custom === true ? customVerbs(verbs) : sorted(verbs),
    };
  });
  return [main, ...subresources];
}

const CUSTOM_ORDER = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** Custom resources list their verbs in an order of their own. */
export function customVerbs(verbs: readonly string[]): string[] {
  return CUSTOM_ORDER.filter((verb) => verbs.includes(verb));
}
