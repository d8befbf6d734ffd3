/** Every object of every kind, with its owners: what garbage collection and the end of namespaces look at. */
import type { Registry } from '../apiserver/registry/registry.ts';
import type { ResourceInfo } from '../apiserver/registry/types.ts';
import type { Api } from '../runtime/api.ts';
import type { Resource, Stored } from '../runtime/resources.ts';

export interface UniverseSource {
  readonly api: Api;
  readonly registry: Registry;
}

export type AnyObject = Stored<object>;
export type AnyResource = Resource<object>;

export interface Member {
  readonly resource: AnyResource;
  readonly object: AnyObject;
}

export interface Universe {
  get(uid: string): Member | undefined;
  /** Objects that name this uid among their owners. */
  dependents(uid: string): Member[];
  /** What is in a namespace, by resource; Events too. */
  inNamespace(namespace: string): Map<AnyResource, readonly AnyObject[]>;
  /** Whether there is such a kind at all, and whether its objects are in namespaces. */
  kind(apiVersion: string, kind: string): { readonly namespaced: boolean } | undefined;
  onChange(handler: (member: Member, previous: Member | undefined, gone: boolean) => void): void;
  stop(): void;
}

interface Followed {
  readonly info: ResourceInfo;
  readonly resource: AnyResource;
  readonly stop: () => void;
}

/** One entry for each stored resource: other versions show the same objects, and nobody owns Events. */
function isFollowed(info: ResourceInfo): boolean {
  const complete = ['list', 'watch', 'delete'].every((verb) => info.verbs.includes(verb));
  return complete && info.version === info.storageVersion && info.storedAs === undefined && info.virtual === undefined;
}

export function createUniverse({ api, registry }: UniverseSource): Universe {
  const members = new Map<string, Member>();
  const byOwner = new Map<string, Set<string>>();
  const followed = new Map<string, Followed>();
  const handlers: ((member: Member, previous: Member | undefined, gone: boolean) => void)[] = [];

  const owners = (member: Member | undefined) => (member?.object.metadata.ownerReferences ?? []).map(({ uid }) => uid);
  const index = (uid: string, before: Member | undefined, after: Member | undefined) => {
    for (const owner of owners(before)) byOwner.get(owner)?.delete(uid);
    for (const owner of owners(after)) {
      const set = byOwner.get(owner) ?? new Set();
      byOwner.set(owner, set.add(uid));
    }
    for (const owner of owners(before)) if (byOwner.get(owner)?.size === 0) byOwner.delete(owner);
  };
  const apply = (member: Member, gone: boolean) => {
    const { uid } = member.object.metadata;
    const previous = members.get(uid);
    if (gone) members.delete(uid);
    else members.set(uid, member);
    index(uid, previous, gone ? undefined : member);
    for (const handler of handlers) handler(member, previous, gone);
  };
  const follow = (id: string, info: ResourceInfo) => {
    const { group, version, resource: plural, kind, namespaced } = info;
    const resource: AnyResource = { group, version, resource: plural, kind, namespaced };
    if (group === '' && plural === 'events') {
      followed.set(id, { info, resource, stop: () => undefined });
      return;
    }
    const stop = api.watch(resource, ({ type, object }) => apply({ resource, object }, type === 'DELETED'));
    followed.set(id, { info, resource, stop });
  };
  const refresh = () => {
    const wanted = new Map(
      registry
        .all()
        .filter(isFollowed)
        .map((info) => [`${info.group}/${info.resource}`, info]),
    );
    for (const [id, { info, stop }] of followed) {
      if (wanted.get(id)?.version === info.version) continue;
      stop();
      followed.delete(id);
    }
    for (const [id, info] of wanted) if (!followed.has(id)) follow(id, info);
  };
  const unsubscribe = registry.onChange(refresh);
  refresh();

  return {
    get: (uid) => members.get(uid),
    dependents: (uid) => [...(byOwner.get(uid) ?? [])].flatMap((each) => members.get(each) ?? []),
    inNamespace: (namespace) =>
      new Map(
        [...followed.values()]
          .filter(({ resource }) => resource.namespaced)
          .map(({ resource }): [AnyResource, readonly AnyObject[]] => [resource, api.list(resource, namespace)])
          .filter(([, objects]) => objects.length > 0),
      ),
    kind: (apiVersion, kind) => {
      const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
      return registry.findKind(group ?? '', version ?? '', kind);
    },
    onChange: (handler) => {
      handlers.push(handler);
      for (const member of [...members.values()]) handler(member, undefined, false);
    },
    stop: () => {
      unsubscribe();
      for (const { stop } of followed.values()) stop();
    },
  };
}
