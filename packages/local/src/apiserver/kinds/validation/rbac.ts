/** Validation of roles and bindings. */
import { checkPathSegment } from '../../meta/names.ts';
import type { ApiObject, FieldError, JsonObject } from '../../registry/types.ts';
import { record, records, strings, text } from '../columns/format.ts';
import { same } from './pod.ts';
import { invalid, invalidText, notSupported, required, shownStrings } from './problems.ts';
import { validateSelector } from './selectors.ts';

const GROUP = 'rbac.authorization.k8s.io';

function validateRule(rule: JsonObject, field: string, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const [verbs, urls, groups, resources] = ['verbs', 'nonResourceURLs', 'apiGroups', 'resources'].map((key) =>
    strings(rule[key]),
  );
  if (verbs?.length === 0) errors.push(required(`${field}.verbs`, 'verbs must contain at least one value'));
  if (urls !== undefined && urls.length > 0) {
    if (namespaced) {
      const why = 'namespaced rules cannot apply to non-resource URLs';
      errors.push(invalidText(`${field}.nonResourceURLs`, shownStrings(urls), why));
    }
    if ((groups?.length ?? 0) + (resources?.length ?? 0) + strings(rule.resourceNames).length > 0) {
      const why = 'rules cannot apply to both regular resources and non-resource URLs';
      errors.push(invalidText(`${field}.nonResourceURLs`, shownStrings(urls), why));
    }
    return errors;
  }
  if (groups?.length === 0)
    errors.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
  if (resources?.length === 0)
    errors.push(required(`${field}.resources`, 'resource rules must supply at least one resource'));
  return errors;
}

export function validateRole(role: ApiObject, namespaced: boolean): FieldError[] {
  const errors = records(role.rules).flatMap((rule, index) => validateRule(rule, `rules[${index}]`, namespaced));
  if (role.aggregationRule !== undefined) {
    const selectors = records(record(role.aggregationRule).clusterRoleSelectors);
    const field = 'aggregationRule.clusterRoleSelectors';
    if (selectors.length === 0)
      errors.push(required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
    errors.push(...selectors.flatMap((selector, index) => validateSelector(selector, `${field}[${index}]`)));
  }
  return errors;
}

function validateSubject(subject: JsonObject, field: string, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const name = text(subject.name);
  const group = text(subject.apiGroup);
  if (name === '') errors.push(required(`${field}.name`));
  switch (subject.kind) {
    case 'ServiceAccount':
      if (group !== '') errors.push(notSupported(`${field}.apiGroup`, group, ['']));
      if (!namespaced && text(subject.namespace) === '') errors.push(required(`${field}.namespace`));
      break;
    case 'User':
    case 'Group':
      if (group !== GROUP) errors.push(notSupported(`${field}.apiGroup`, group, [GROUP]));
      break;
    default:
      errors.push(notSupported(`${field}.kind`, text(subject.kind), ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}

export function validateBinding(binding: ApiObject, namespaced: boolean): FieldError[] {
  const role = record(binding.roleRef);
  const errors: FieldError[] = [];
  if (role.apiGroup !== GROUP) errors.push(notSupported('roleRef.apiGroup', text(role.apiGroup), [GROUP]));
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (!kinds.includes(text(role.kind))) errors.push(notSupported('roleRef.kind', text(role.kind), kinds));
  const name = text(role.name);
  if (name === '') errors.push(required('roleRef.name'));
  else errors.push(...checkPathSegment(name).map((why) => invalid('roleRef.name', name, why)));
  return [
    ...errors,
    ...records(binding.subjects).flatMap((subject, index) =>
      validateSubject(subject, `subjects[${index}]`, namespaced),
    ),
  ];
}

export function validateBindingUpdate(binding: ApiObject, old: ApiObject, namespaced: boolean): FieldError[] {
  const errors = validateBinding(binding, namespaced);
  if (!same(binding.roleRef, old.roleRef)) {
    const { apiGroup, kind, name } = record(binding.roleRef);
    const shown = `rbac.RoleRef{APIGroup:${quoted(apiGroup)}, Kind:${quoted(kind)}, Name:${quoted(name)}}`;
    errors.push(invalidText('roleRef', shown, 'cannot change roleRef'));
  }
  return errors;
}

function quoted(value: unknown): string {
  return JSON.stringify(text(value));
}
