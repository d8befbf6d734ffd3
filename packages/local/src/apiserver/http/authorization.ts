/** What is asked of authorization, and the words of a refusal. */

import { ApiError, qualified } from '../registry/errors.ts';
import type { Attributes } from '../registry/hooks.ts';
import type { UserInfo } from '../registry/types.ts';
import type { Address, ResourceAddress } from './address.ts';
import { isTrue } from './options.ts';

const VERBS: { readonly [method: string]: string } = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
};

function verbOf(method: string, address: ResourceAddress, query: URLSearchParams): string {
  if (method === 'DELETE') return address.name === undefined ? 'deletecollection' : 'delete';
  if (method !== 'GET' && method !== 'HEAD') return VERBS[method] ?? method.toLowerCase();
  if (address.watch || (address.name === undefined && isTrue(query.get('watch')))) return 'watch';
  return address.name === undefined ? 'list' : 'get';
}

const NAME_TERM = /^metadata\.name==?([^,!=]+)$/;

/** A list of one name is a question about that name. */
function nameOf(address: ResourceAddress, query: URLSearchParams): string {
  if (address.name !== undefined) return address.name;
  return NAME_TERM.exec(query.get('fieldSelector') ?? '')?.[1] ?? '';
}

export function attributesOf(method: string, address: Address, url: URL, user: UserInfo): Attributes {
  const nothing = { user, group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };
  if (address.kind !== 'resource') return { ...nothing, verb: method.toLowerCase(), path: url.pathname };
  const namespace = address.namespace ?? (address.resource === 'namespaces' ? (address.name ?? '') : '');
  return {
    user,
    verb: verbOf(method, address, url.searchParams),
    group: address.group,
    version: address.version,
    resource: address.resource,
    subresource: address.subresource ?? '',
    namespace,
    name: nameOf(address, url.searchParams),
  };
}

export function refusal(attributes: Attributes, reason: string): ApiError {
  const { user, verb, group, resource, subresource, namespace, name, path } = attributes;
  const because = reason === '' ? '' : `: ${reason}`;
  if (path !== undefined) {
    const message = `forbidden: User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(path)}${because}`;
    return new ApiError(403, 'Forbidden', message, {});
  }
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  const why =
    `User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(what)} in API group ` +
    `${JSON.stringify(group)} ${where}${because}`;
  const subject = name === '' ? '' : ` ${JSON.stringify(name)}`;
  return new ApiError(403, 'Forbidden', `${qualified(group, resource)}${subject} is forbidden: ${why}`, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: resource,
  });
}
