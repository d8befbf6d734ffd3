/** Subresources of built-in kinds that are answered from the store. */
import type { ResourceInfo, Subresource } from '../../registry/types.ts';
import { createLookup } from '../lookup.ts';
import { bindingSubresource } from './binding.ts';
import { type EvictionParts, evictionSubresource } from './eviction.ts';
import { ephemeralContainers } from './pod.ts';
import { scaleSubresource } from './scale.ts';

const SCALED = new Set(['apps/deployments', 'apps/replicasets', 'apps/statefulsets', '/replicationcontrollers']);

export interface SubresourceParts extends Pick<EvictionParts, 'core' | 'client'> {
  /** `serviceaccounts/token`. */
  token: Subresource;
}

/** Adds to each resource the handlers of its subresources. */
export function withSubresources(resources: readonly ResourceInfo[], parts: SubresourceParts): ResourceInfo[] {
  const eviction = evictionSubresource({ ...parts, lookup: createLookup(parts.core) });
  const handlers: { [resource: string]: { [subresource: string]: Subresource } } = {
    '/pods': { binding: bindingSubresource(parts.core), eviction, ephemeralcontainers: ephemeralContainers },
    '/serviceaccounts': { token: parts.token },
  };
  return resources.map((info) => {
    const id = `${info.group}/${info.resource}`;
    const own = SCALED.has(id) ? { scale: scaleSubresource } : handlers[id];
    if (own === undefined) return info;
    return withHandlers(info, own);
  });
}

/** The schema of a resource is made when it is first read: spreading would make all of them now. */
function withHandlers(info: ResourceInfo, own: { [subresource: string]: Subresource }): ResourceInfo {
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(info)) as ResourceInfo;
  copy.subresourceHandlers = { ...info.subresourceHandlers, ...own };
  return copy;
}
