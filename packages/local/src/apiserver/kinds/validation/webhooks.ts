/** Validation of webhook configurations. */
import { checkSubdomain } from '../../meta/names.ts';
import type { ApiObject, FieldError, JsonObject } from '../../registry/types.ts';
import { record, records, strings, text } from '../columns/format.ts';
import { duplicate, forbidden, invalid, invalidText, oneOf, portNumber, required, shownStrings } from './problems.ts';
import { validateSelector } from './selectors.ts';

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const URL_FORM = 'desired format: https://host[/path]';

export function validateWebhooks(object: ApiObject): FieldError[] {
  const names = new Set<string>();
  return records(object.webhooks).flatMap((hook, index) => {
    const field = `webhooks[${index}]`;
    const errors = validateHook(hook, field);
    const name = text(hook.name);
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
    return errors;
  });
}

function validateHook(hook: JsonObject, field: string): FieldError[] {
  const errors = validateName(text(hook.name), `${field}.name`);
  for (const [index, rule] of records(hook.rules).entries())
    errors.push(...validateRule(rule, `${field}.rules[${index}]`));
  errors.push(...oneOf(`${field}.failurePolicy`, hook.failurePolicy, ['Fail', 'Ignore']));
  errors.push(...oneOf(`${field}.matchPolicy`, hook.matchPolicy, ['Equivalent', 'Exact']));
  if (hook.sideEffects === undefined)
    errors.push(required(`${field}.sideEffects`, 'must specify one of None, NoneOnDryRun'));
  else errors.push(...oneOf(`${field}.sideEffects`, hook.sideEffects, ['None', 'NoneOnDryRun']));
  const timeout = hook.timeoutSeconds;
  if (typeof timeout === 'number' && (timeout < 1 || timeout > 30)) {
    errors.push(invalid(`${field}.timeoutSeconds`, timeout, 'the timeout value must be between 1 and 30 seconds'));
  }
  if (hook.reinvocationPolicy !== undefined) {
    errors.push(...oneOf(`${field}.reinvocationPolicy`, hook.reinvocationPolicy, ['IfNeeded', 'Never']));
  }
  errors.push(...validateSelector(hook.namespaceSelector, `${field}.namespaceSelector`));
  errors.push(...validateSelector(hook.objectSelector, `${field}.objectSelector`));
  errors.push(...validateClient(record(hook.clientConfig), `${field}.clientConfig`));
  return [...errors, ...validateVersions(hook.admissionReviewVersions, `${field}.admissionReviewVersions`)];
}

function validateName(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)];
  const problems = checkSubdomain(name);
  if (problems.length > 0) return problems.map((why) => invalid(field, name, why));
  if (name.split('.').length < 3)
    return [invalid(field, name, 'should be a domain with at least three segments separated by dots')];
  return [];
}

function validateVersions(value: unknown, field: string): FieldError[] {
  const versions = strings(value);
  if (versions.length === 0) return [required(field, 'must specify one of v1, v1beta1')];
  if (versions.some((version) => REVIEW_VERSIONS.includes(version))) return [];
  return [invalidText(field, shownStrings(versions), 'must include at least one of v1, v1beta1')];
}

function validateRule(rule: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['operations', 'apiGroups', 'apiVersions', 'resources']) {
    const values = strings(rule[key]);
    if (values.length === 0) errors.push(required(`${field}.${key}`));
    if (key !== 'resources' && values.length > 1 && values.includes('*')) {
      errors.push(
        invalidText(`${field}.${key}`, shownStrings(values), `if '*' is present, must not specify other ${WORDS[key]}`),
      );
    }
  }
  for (const [index, operation] of strings(rule.operations).entries()) {
    errors.push(...oneOf(`${field}.operations[${index}]`, operation, OPERATIONS));
  }
  errors.push(...oneOf(`${field}.scope`, rule.scope, ['*', 'Cluster', 'Namespaced']));
  return [...errors, ...validateResources(strings(rule.resources), `${field}.resources`)];
}

const WORDS: { readonly [key: string]: string } = {
  operations: 'operations',
  apiGroups: 'API groups',
  apiVersions: 'API versions',
};

function validateResources(resources: readonly string[], field: string): FieldError[] {
  const shown = shownStrings(resources);
  const errors: FieldError[] = [];
  for (const [index, resource] of resources.entries()) {
    if (resource === '') errors.push(required(`${field}[${index}]`));
    else if (resource.split('/')[0] === '')
      errors.push(invalid(`${field}[${index}]`, resource, 'must not contain an empty resource'));
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(invalidText(field, shown, "if '*/*' is present, must not specify other resources"));
  } else if (resources.includes('*') && resources.some((resource) => resource !== '*' && !resource.includes('/'))) {
    errors.push(invalidText(field, shown, "if '*' is present, must not specify other resources without subresources"));
  }
  return errors;
}

function validateClient(client: JsonObject, field: string): FieldError[] {
  if ((client.url === undefined) === (client.service === undefined)) {
    return [required(field, 'exactly one of url or service is required')];
  }
  if (client.url !== undefined) return validateUrl(text(client.url), `${field}.url`);
  const service = record(client.service);
  const errors: FieldError[] = [];
  if (text(service.name) === '') errors.push(required(`${field}.service.name`, 'service name is required'));
  if (text(service.namespace) === '')
    errors.push(required(`${field}.service.namespace`, 'service namespace is required'));
  errors.push(...portNumber(`${field}.service.port`, service.port));
  return errors;
}

function validateUrl(url: string, field: string): FieldError[] {
  if (!URL.canParse(url)) return [required(field, `url must be a valid URL: ${url}; ${URL_FORM}`)];
  const { protocol, host, username, hash, search } = new URL(url);
  const errors: FieldError[] = [];
  if (protocol !== 'https:')
    errors.push(invalid(field, protocol.slice(0, -1), `'https' is the only allowed URL scheme; ${URL_FORM}`));
  if (host === '') errors.push(invalid(field, host, `host must be specified; ${URL_FORM}`));
  if (username !== '') errors.push(forbidden(field, 'user information is not permitted in the URL'));
  if (hash !== '') errors.push(invalid(field, hash.slice(1), 'fragments are not permitted in the URL'));
  if (search !== '') errors.push(invalid(field, search.slice(1), 'query parameters are not permitted in the URL'));
  return errors;
}
