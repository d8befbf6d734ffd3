/** Decides by roles and bindings, and keeps anybody from granting more than he holds himself. */
import { record, text } from '../../kinds/columns/format.ts';
import type { EscalationGuard } from '../../kinds/strategies/rbac.ts';
import { forbidden, notFound } from '../../registry/errors.ts';
import type { Attributes, Decision } from '../../registry/hooks.ts';
import type { ApiObject, RequestContext, UserInfo } from '../../registry/types.ts';
import type { Grants } from './grants.ts';
import { allows, covers, piecesOf, type Rule, rulesOf, shownRules } from './rules.ts';

/** Members of this group may do everything, whatever the roles say. */
export const SUPERUSERS = 'system:masters';
const GROUP = 'rbac.authorization.k8s.io';

export function authorize(attributes: Attributes, grants: Grants): Decision {
  if (attributes.user.groups.includes(SUPERUSERS)) return { allowed: true, reason: '' };
  for (const grant of grants.of(attributes.user, attributes.namespace)) {
    // Rules about addresses that name no resource hold only when granted for the whole cluster.
    if (attributes.path !== undefined && grant.namespace !== undefined) continue;
    if (grant.rules.some((rule) => allows(rule, attributes))) {
      return { allowed: true, reason: `RBAC: allowed by ${grant.description}` };
    }
  }
  return { allowed: false, reason: '' };
}

/** All rules that a user holds in a namespace. */
export function rulesHeld(user: UserInfo, namespace: string, grants: Grants): Rule[] {
  return grants.of(user, namespace).flatMap((grant) => grant.rules);
}

export function createEscalationGuard(grants: Grants): EscalationGuard {
  const may = (user: UserInfo, verb: string, resource: string, name: string, namespace: string): boolean => {
    const attributes = { user, verb, group: GROUP, version: 'v1', resource, subresource: '', namespace, name };
    return authorize(attributes, grants).allowed;
  };
  const check = (object: ApiObject, resource: string, rules: readonly Rule[], context: RequestContext): void => {
    const held = rulesHeld(context.user, object.metadata.namespace ?? '', grants);
    const missing = rules.flatMap(piecesOf).filter((piece) => !covers(held, piece));
    if (missing.length > 0) throw refusal(object, resource, context.user, missing);
  };
  return {
    checkRole(role, namespaced, context) {
      const resource = namespaced ? 'roles' : 'clusterroles';
      if (context.user.groups.includes(SUPERUSERS)) return;
      const { name, namespace } = role.metadata;
      if (may(context.user, 'escalate', resource, text(name), namespace ?? '')) return;
      check(role, resource, rulesOf(role), context);
    },
    checkBinding(binding, namespaced, context) {
      if (context.user.groups.includes(SUPERUSERS)) return;
      const role = record(binding.roleRef);
      const resource = role.kind === 'Role' ? 'roles' : 'clusterroles';
      const namespace = binding.metadata.namespace ?? '';
      if (may(context.user, 'bind', resource, text(role.name), namespace)) return;
      const rules = grants.rulesOfRole(role, namespace);
      if (rules === undefined) throw notFound({ group: GROUP, resource }, text(role.name));
      check(binding, namespaced ? 'rolebindings' : 'clusterrolebindings', rules, context);
    },
  };
}

function refusal(object: ApiObject, resource: string, user: UserInfo, missing: readonly Rule[]): Error {
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const why =
    `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n` +
    shownRules(missing).join('\n');
  return forbidden({ group: GROUP, resource }, text(object.metadata.name), why);
}
