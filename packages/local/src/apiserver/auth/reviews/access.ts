/** Questions about permissions: may somebody, may I, and what may I. */
import { record, strings, text } from '../../kinds/columns/format.ts';
import { badRequest, invalid } from '../../registry/errors.ts';
import type { Attributes, Decision } from '../../registry/hooks.ts';
import type { ApiObject, FieldError, JsonObject, UserInfo } from '../../registry/types.ts';
import { rulesHeld } from '../rbac/authorizer.ts';
import type { Grants } from '../rbac/grants.ts';
import type { Rule } from '../rbac/rules.ts';
import type { ReviewKind } from './resource.ts';

const GROUP = 'authorization.k8s.io';

type Authorize = (attributes: Attributes) => Decision;

function attributesOf(spec: JsonObject, user: UserInfo): Attributes {
  const asked = record(spec.resourceAttributes);
  const field = (name: string): string => text(asked[name]);
  const common = { user, verb: field('verb'), group: field('group'), version: field('version') };
  const resource = { resource: field('resource'), subresource: field('subresource') };
  const attributes = { ...common, ...resource, namespace: field('namespace'), name: field('name') };
  if (spec.nonResourceAttributes === undefined) return attributes;
  const { path, verb } = record(spec.nonResourceAttributes);
  return { ...attributes, verb: text(verb), path: text(path) };
}

function problem(field: string, value: string, why: string): FieldError {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${value}: ${why}` };
}

/** The refusal names no kind: that is how clients know it. */
function check(spec: JsonObject, needsUser: boolean): void {
  const errors: FieldError[] = [];
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const { path, verb } = record(nonResourceAttributes);
    const shown = `authorization.NonResourceAttributes{Path:${JSON.stringify(text(path))}, Verb:${JSON.stringify(text(verb))}}`;
    errors.push(
      problem('spec.nonResourceAttributes', shown, 'cannot be specified in combination with resourceAttributes'),
    );
  }
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    errors.push(problem('spec.resourceAttributes', '"null"', why));
  }
  if (needsUser && text(spec.user) === '' && strings(spec.groups).length === 0) {
    errors.push(problem('spec.user', '""', 'at least one of user or group must be specified'));
  }
  if (errors.length === 0) return;
  const refused = invalid(GROUP, '', '', errors);
  if (refused.details?.kind === '') Reflect.deleteProperty(refused.details, 'kind');
  throw refused;
}

function statusOf({ allowed, reason }: Decision): JsonObject {
  return reason === '' ? { allowed } : { allowed, reason };
}

function subjectOf(spec: JsonObject): UserInfo {
  const extra = Object.entries(record(spec.extra)).map(([key, values]) => [key, strings(values)]);
  const uid = text(spec.uid);
  return {
    name: text(spec.user),
    groups: strings(spec.groups),
    ...(uid === '' ? {} : { uid }),
    extra: Object.fromEntries(extra) as { [key: string]: string[] },
  };
}

function reviewSubject(object: ApiObject, authorize: Authorize): JsonObject {
  const spec = record(object.spec);
  check(spec, true);
  return statusOf(authorize(attributesOf(spec, subjectOf(spec))));
}

export function accessReviews(authorize: Authorize, grants: Grants): ReviewKind[] {
  return [
    {
      group: GROUP,
      kind: 'SubjectAccessReview',
      resource: 'subjectaccessreviews',
      type: 'authorization/v1.SubjectAccessReview',
      answer: (object) => reviewSubject(object, authorize),
    },
    {
      group: GROUP,
      kind: 'LocalSubjectAccessReview',
      resource: 'localsubjectaccessreviews',
      type: 'authorization/v1.LocalSubjectAccessReview',
      namespaced: true,
      answer(object, _context, namespace) {
        const asked = text(record(record(object.spec).resourceAttributes).namespace);
        if (asked !== (namespace ?? '')) {
          throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace ?? ''}`);
        }
        return reviewSubject(object, authorize);
      },
    },
    {
      group: GROUP,
      kind: 'SelfSubjectAccessReview',
      resource: 'selfsubjectaccessreviews',
      type: 'authorization/v1.SelfSubjectAccessReview',
      answer(object, { user }) {
        const spec = record(object.spec);
        check(spec, false);
        return statusOf(authorize(attributesOf(spec, user)));
      },
    },
    {
      group: GROUP,
      kind: 'SelfSubjectRulesReview',
      resource: 'selfsubjectrulesreviews',
      type: 'authorization/v1.SelfSubjectRulesReview',
      answer(object, { user }) {
        const namespace = text(record(object.spec).namespace);
        if (namespace === '') throw badRequest('no namespace on request');
        return rulesStatus(rulesHeld(user, namespace, grants));
      },
    },
  ];
}

function rulesStatus(rules: readonly Rule[]): JsonObject {
  const list = (name: string, values: readonly string[]): JsonObject =>
    values.length === 0 ? {} : { [name]: [...values] };
  return {
    resourceRules: rules
      .filter((rule) => rule.nonResourceURLs.length === 0)
      .map((rule) => ({
        verbs: [...rule.verbs],
        ...list('apiGroups', rule.apiGroups),
        ...list('resources', rule.resources),
        ...list('resourceNames', rule.resourceNames),
      })),
    nonResourceRules: rules
      .filter((rule) => rule.nonResourceURLs.length > 0)
      .map((rule) => ({ verbs: [...rule.verbs], nonResourceURLs: [...rule.nonResourceURLs] })),
    incomplete: false,
  };
}
