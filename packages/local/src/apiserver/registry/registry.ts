/** The resources that the server answers for at this moment, by group, version and plural name. */

import type { ResourceInfo } from './types.ts';

export interface Registry {
  add(info: ResourceInfo): void;
  remove(info: Pick<ResourceInfo, 'group' | 'version' | 'resource'>): void;
  find(group: string, version: string, resource: string): ResourceInfo | undefined;
  /** The resource of a kind, e.g. of an owner reference or of `apiVersion` and `kind` in a manifest. */
  findKind(group: string, version: string, kind: string): ResourceInfo | undefined;
  /** Groups in the order in which discovery shows them. */
  groups(): string[];
  versions(group: string): string[];
  resources(group: string, version: string): ResourceInfo[];
  all(): ResourceInfo[];
  /** Called after each change. Returns what ends it. */
  onChange(listener: () => void): () => void;
  /** Rises with each change: what was computed from the registry is good while it stays. */
  revision(): number;
}

export function createRegistry(): Registry {
  const byPath = new Map<string, ResourceInfo>();
  const listeners = new Set<() => void>();
  let revision = 0;
  const changed = (): void => {
    revision += 1;
    for (const listener of [...listeners]) listener();
  };
  const all = (): ResourceInfo[] => [...byPath.values()];
  const groups = (): string[] => [...new Set(all().map((info) => info.group))];
  return {
    add(info) {
      byPath.set(`${info.group}/${info.version}/${info.resource}`, info);
      changed();
    },
    remove(info) {
      if (byPath.delete(`${info.group}/${info.version}/${info.resource}`)) changed();
    },
    find: (group, version, resource) => byPath.get(`${group}/${version}/${resource}`),
    findKind: (group, version, kind) =>
      all().find((info) => info.group === group && info.version === version && info.kind === kind),
    groups,
    versions: (group) =>
      sortVersions([
        ...new Set(
          all()
            .filter((i) => i.group === group)
            .map((i) => i.version),
        ),
      ]),
    resources: (group, version) => all().filter((info) => info.group === group && info.version === version),
    all,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    revision: () => revision,
  };
}

/** Where all kinds of a group are from definitions, an unknown one is answered like an unknown address. */
export function hasBuiltin(registry: Registry, group: string): boolean {
  return registry.all().some((info) => info.group === group && info.custom !== true);
}

/** v2 before v1, v1 before v1beta1, beta before alpha; names of another form last, in order of their letters. */
export function sortVersions(versions: readonly string[]): string[] {
  const rank = (version: string): [number, number, number] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (match === null) return [-1, 0, 0];
    const stage = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0;
    return [stage, Number(match[1]), Number(match[3] ?? 0)];
  };
  return [...versions].sort((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    return y[0] - x[0] || y[1] - x[1] || y[2] - x[2] || (a < b ? -1 : 1);
  });
}
