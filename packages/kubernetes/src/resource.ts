import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';

/** What every Kubernetes object has. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}

/** Where a kind lives in the API, with the static type of its objects. */
export interface ResourceType<T extends KubernetesObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never set: carries the type parameter. */
  readonly _type?: T;
}

export interface ObjectKey {
  name: string;
  namespace?: string;
}

export function defineResource<T extends KubernetesObject>(definition: {
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}): ResourceType<T> {
  return Object.freeze({ ...definition });
}

/** `v1` or `group/version`, as objects carry it. */
export function apiVersionOf(type: { group: string; version: string }): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** URL path of a collection, or of one object and its subresource when a name is given. */
export function resourcePath(
  type: ResourceType<KubernetesObject>,
  target: { namespace?: string | undefined; name?: string; subresource?: string | undefined },
): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = type.namespaced && target.namespace ? `/namespaces/${encodeURIComponent(target.namespace)}` : '';
  const name = target.name === undefined ? '' : `/${encodeURIComponent(target.name)}`;
  const subresource = target.subresource === undefined ? '' : `/${target.subresource}`;
  return `${root}${scope}/${type.plural}${name}${subresource}`;
}

/** `namespace/name`, or `name` for a cluster-wide object: the key of queues and caches. */
export function keyOf(object: { metadata?: { name?: string; namespace?: string } }): string {
  const { name = '', namespace } = object.metadata ?? {};
  return namespace ? `${namespace}/${name}` : name;
}

export function parseKey(key: string): ObjectKey {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
