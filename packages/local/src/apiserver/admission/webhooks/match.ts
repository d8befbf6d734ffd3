/** Which webhooks a request concerns. */
import { record, records, strings, text } from '../../kinds/columns/format.ts';
import type { Lookup } from '../../kinds/lookup.ts';
import { isEmptySelector, selects } from '../../kinds/validation/selectors.ts';
import type { AdmissionRequest } from '../../registry/hooks.ts';
import type { Registry } from '../../registry/registry.ts';
import type { ApiObject, JsonObject, ResourceInfo } from '../../registry/types.ts';

/** A webhook and the version of the resource in which it wants to see the object. */
export interface Match {
  hook: JsonObject;
  info: ResourceInfo;
}

/** The configurations themselves never go through webhooks: a broken one could not be taken away. */
const EXEMPT_GROUP = 'admissionregistration.k8s.io';

export function matchWebhooks(
  hooks: readonly JsonObject[],
  request: AdmissionRequest,
  registry: Registry,
  lookup: Lookup,
): Match[] {
  if (request.info.group === EXEMPT_GROUP) return [];
  return hooks.flatMap((hook) => {
    const info = matchRules(hook, request, registry);
    if (info === undefined) return [];
    return namespaceMatches(hook, request, lookup) && objectMatches(hook, request) ? [{ hook, info }] : [];
  });
}

function matchRules(hook: JsonObject, request: AdmissionRequest, registry: Registry): ResourceInfo | undefined {
  const rules = records(hook.rules);
  if (rules.some((rule) => ruleMatches(rule, request, request.info))) return request.info;
  if (hook.matchPolicy === 'Exact') return undefined;
  return equivalents(request.info, registry).find((info) => rules.some((rule) => ruleMatches(rule, request, info)));
}

/** The same resource in its other versions. */
function equivalents(info: ResourceInfo, registry: Registry): ResourceInfo[] {
  return registry
    .versions(info.group)
    .filter((version) => version !== info.version)
    .flatMap((version) => registry.find(info.group, version, info.resource) ?? []);
}

function ruleMatches(rule: JsonObject, request: AdmissionRequest, info: ResourceInfo): boolean {
  const has = (field: string, value: string): boolean => {
    const wanted = strings(rule[field]);
    return wanted.includes('*') || wanted.includes(value);
  };
  return (
    has('operations', request.operation) &&
    has('apiGroups', info.group) &&
    has('apiVersions', info.version) &&
    scopeMatches(text(rule.scope), request, info) &&
    strings(rule.resources).some((wanted) => resourceMatches(wanted, info.resource, request.attributes.subresource))
  );
}

/** A Namespace itself counts as an object of the cluster. */
function scopeMatches(scope: string, { attributes }: AdmissionRequest, info: ResourceInfo): boolean {
  if (scope === 'Namespaced') return info.namespaced && attributes.namespace !== '';
  return scope === 'Cluster' ? !info.namespaced : true;
}

/** `pods`, `pods/status`, `pods/*`, `*` (no subresources), `*` + `/status`, `*` + `/*`. */
function resourceMatches(wanted: string, resource: string, subresource: string): boolean {
  const [wantedResource = '', wantedSubresource = ''] = wanted.split('/');
  if (wantedResource !== '*' && wantedResource !== resource) return false;
  return wantedSubresource === '*' || wantedSubresource === subresource;
}

function namespaceMatches(hook: JsonObject, request: AdmissionRequest, lookup: Lookup): boolean {
  const selector = hook.namespaceSelector;
  if (isEmptySelector(selector)) return true;
  const { info, object, old, attributes } = request;
  if (info.group === '' && info.resource === 'namespaces') {
    return selects(selector, labelsOf(object ?? old));
  }
  if (!info.namespaced) return true;
  return selects(selector, labelsOf(lookup.get('/namespaces', undefined, attributes.namespace)));
}

function objectMatches(hook: JsonObject, { object, old }: AdmissionRequest): boolean {
  const selector = hook.objectSelector;
  if (isEmptySelector(selector)) return true;
  return [object, old].some((one) => one !== undefined && selects(selector, labelsOf(one)));
}

function labelsOf(object: ApiObject | undefined): JsonObject {
  return record(object?.metadata.labels);
}
