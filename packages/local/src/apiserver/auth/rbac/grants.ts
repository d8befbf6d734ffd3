/** Who holds which rules: bindings by subject, made anew after a role or binding changed. */
import { record, records, text } from '../../kinds/columns/format.ts';
import type { Lookup } from '../../kinds/lookup.ts';
import { selects } from '../../kinds/validation/selectors.ts';
import type { ApiObject, JsonObject, UserInfo } from '../../registry/types.ts';
import type { Store } from '../../storage/store.ts';
import { type Rule, rulesOf } from './rules.ts';

/** Rules given to a subject by a binding. */
export interface Grant {
  /** Where the rules hold; absent: everywhere. */
  namespace: string | undefined;
  rules: readonly Rule[];
  /** `RoleBinding "a/ns" of Role "r" to Group "g"`. */
  description: string;
}

export interface Grants {
  /** What a user holds in a namespace, or, when that is empty, in the whole cluster. */
  of(user: UserInfo, namespace: string): Grant[];
  /** The rules of the role that a binding refers to; undefined: no such role. */
  rulesOfRole(reference: JsonObject, namespace: string): Rule[] | undefined;
}

const GROUP = 'rbac.authorization.k8s.io';
const TABLES = ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map(
  (resource) => `${GROUP}/${resource}`,
);

export function createGrants(store: Pick<Store, 'subscribe'>, lookup: Lookup): Grants {
  let index: Map<string, Grant[]> | undefined;
  for (const table of TABLES) {
    store.subscribe(table, () => {
      index = undefined;
    });
  }
  return {
    of(user, namespace) {
      index ??= build(lookup);
      const keys = [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)];
      const all = keys.flatMap((key) => index?.get(key) ?? []);
      return all.filter((grant) => grant.namespace === undefined || grant.namespace === namespace);
    },
    rulesOfRole: (reference, namespace) => roleRules(reference, namespace, lookup),
  };
}

function roleRules(reference: JsonObject, namespace: string | undefined, lookup: Lookup): Rule[] | undefined {
  const name = text(reference.name);
  if (reference.kind === 'Role') {
    const role = lookup.get(`${GROUP}/roles`, namespace, name);
    return role === undefined ? undefined : rulesOf(role);
  }
  const role = lookup.get(`${GROUP}/clusterroles`, undefined, name);
  return role === undefined ? undefined : [...rulesOf(role), ...aggregated(role, lookup)];
}

/** A cluster role may take up the rules of others by their labels. */
function aggregated(role: ApiObject, lookup: Lookup): Rule[] {
  const selectors = records(record(role.aggregationRule).clusterRoleSelectors);
  if (selectors.length === 0) return [];
  return lookup
    .list(`${GROUP}/clusterroles`)
    .filter((other) => other !== role && selectors.some((selector) => selects(selector, record(other.metadata.labels))))
    .flatMap(rulesOf);
}

function build(lookup: Lookup): Map<string, Grant[]> {
  const index = new Map<string, Grant[]>();
  const bindings = [...lookup.list(`${GROUP}/clusterrolebindings`), ...lookup.list(`${GROUP}/rolebindings`)];
  for (const binding of bindings) {
    const { namespace } = binding.metadata;
    const role = record(binding.roleRef);
    const rules = roleRules(role, namespace, lookup);
    if (rules === undefined) continue;
    for (const subject of records(binding.subjects)) {
      const [key, shown] = subjectKey(subject, namespace);
      const description = `${bindingText(binding)} of ${text(role.kind)} ${JSON.stringify(text(role.name))} to ${shown}`;
      const grants = index.get(key) ?? [];
      grants.push({ namespace, rules, description });
      index.set(key, grants);
    }
  }
  return index;
}

function bindingText({ metadata }: ApiObject): string {
  const { name, namespace } = metadata;
  if (namespace === undefined) return `ClusterRoleBinding ${JSON.stringify(text(name))}`;
  return `RoleBinding ${JSON.stringify(`${text(name)}/${namespace}`)}`;
}

/** The key under which a subject is found, and its form in messages. */
function subjectKey(subject: JsonObject, bindingNamespace: string | undefined): [key: string, shown: string] {
  const name = text(subject.name);
  if (subject.kind !== 'ServiceAccount') {
    const kind = subject.kind === 'Group' ? 'Group' : 'User';
    return [`${kind} ${name}`, `${kind} ${JSON.stringify(name)}`];
  }
  const namespace = text(subject.namespace) || (bindingNamespace ?? '');
  return [
    `User system:serviceaccount:${namespace}:${name}`,
    `ServiceAccount ${JSON.stringify(`${name}/${namespace}`)}`,
  ];
}
