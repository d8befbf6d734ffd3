/** Roles and bindings: nobody may grant what he may not do himself. */
import type { ApiObject, RequestContext, Strategy } from '../../registry/types.ts';
import { record, records, text } from '../columns/format.ts';
import type { KindParts } from '../resource.ts';
import { same } from '../validation/pod.ts';
import { validateBinding, validateBindingUpdate, validateRole } from '../validation/rbac.ts';

/** Throws ApiError 403 when the user of the request may not write this role or binding. */
export interface EscalationGuard {
  checkRole(role: ApiObject, namespaced: boolean, context: RequestContext): void;
  checkBinding(binding: ApiObject, namespaced: boolean, context: RequestContext): void;
}

const GROUP = 'rbac.authorization.k8s.io';

/** No rules are stored as null, be they given as an empty list or not at all. */
function dropEmptyRules(role: ApiObject): void {
  if (records(role.rules).length === 0) role.rules = null;
}

function roleStrategy(namespaced: boolean, guard: EscalationGuard | undefined): Strategy {
  return {
    names: 'path',
    createOnUpdate: true,
    prepareForCreate(role, context) {
      dropEmptyRules(role);
      guard?.checkRole(role, namespaced, context);
    },
    prepareForUpdate(role, old, context) {
      dropEmptyRules(role);
      const changed = !same(role.rules, old.rules) || !same(role.aggregationRule, old.aggregationRule);
      if (changed) guard?.checkRole(role, namespaced, context);
    },
    validate: (role) => validateRole(role, namespaced),
    validateUpdate: (role) => validateRole(role, namespaced),
  };
}

function bindingStrategy(namespaced: boolean, guard: EscalationGuard | undefined): Strategy {
  return {
    names: 'path',
    createOnUpdate: true,
    setDefaults(binding) {
      const role = record(binding.roleRef);
      if (text(role.apiGroup) === '') role.apiGroup = GROUP;
      binding.roleRef = role;
      for (const subject of records(binding.subjects)) {
        if (text(subject.apiGroup) === '' && (subject.kind === 'User' || subject.kind === 'Group'))
          subject.apiGroup = GROUP;
      }
    },
    prepareForCreate: (binding, context) => guard?.checkBinding(binding, namespaced, context),
    prepareForUpdate(binding, old, context) {
      const changed = !same(binding.subjects, old.subjects) || !same(binding.roleRef, old.roleRef);
      if (changed) guard?.checkBinding(binding, namespaced, context);
    },
    validate: (binding) => validateBinding(binding, namespaced),
    validateUpdate: (binding, old) => validateBindingUpdate(binding, old, namespaced),
  };
}

export function rbacKinds(guard: EscalationGuard | undefined): { readonly [resource: string]: KindParts } {
  return {
    'rbac.authorization.k8s.io/roles': { strategy: roleStrategy(true, guard) },
    'rbac.authorization.k8s.io/clusterroles': { strategy: roleStrategy(false, guard) },
    'rbac.authorization.k8s.io/rolebindings': { strategy: bindingStrategy(true, guard) },
    'rbac.authorization.k8s.io/clusterrolebindings': { strategy: bindingStrategy(false, guard) },
  };
}
