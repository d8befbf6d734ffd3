/** Discovery of everything in one answer. */

import type { Registry } from '../registry/registry.ts';
import type { JsonObject, ResourceInfo } from '../registry/types.ts';
import { customVerbs, subresourceFacts } from './groups.ts';

/** `core`: only the group without a name, as `/api` gives it; else all the others. */
export function aggregated(registry: Registry, core: boolean, version: string): JsonObject {
  const groups = core ? [''] : registry.groups().filter((group) => group !== '');
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: { ...(group === '' ? {} : { name: group }), creationTimestamp: null },
      versions: registry.versions(group).map((name) => versionEntry(registry, group, name)),
    })),
  };
}

function versionEntry(registry: Registry, group: string, version: string): JsonObject {
  const infos = [...registry.resources(group, version)].sort((a, b) => (a.resource < b.resource ? -1 : 1));
  return { version, resources: infos.map(resourceEntry), freshness: 'Current' };
}

function resourceEntry(info: ResourceInfo): JsonObject {
  const order = (verbs: readonly string[]): string[] => (info.custom === true ? customVerbs(verbs) : [...verbs].sort());
  const own = info.custom === true ? { group: info.group, version: info.version } : { group: '', version: '' };
  const names = info.custom === true ? info.subresources : [...info.subresources].sort();
  const subresources = names.map((name) => {
    const { kind, group, version, verbs } = subresourceFacts(info, name);
    const responseKind = { group: group ?? own.group, version: version ?? own.version, kind };
    return { subresource: name, responseKind, verbs: order(verbs) };
  });
  return {
    resource: info.resource,
    responseKind: { ...own, kind: info.kind },
    scope: info.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: info.custom === true ? info.singular : '',
    verbs: order(info.verbs),
    ...(info.shortNames.length === 0 ? {} : { shortNames: [...info.shortNames] }),
    ...(info.categories.length === 0 ? {} : { categories: [...info.categories] }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}
