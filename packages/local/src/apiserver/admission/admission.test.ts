import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Lookup } from '../kinds/lookup.ts';
import type { AdmissionRequest } from '../registry/hooks.ts';
import { createRegistry } from '../registry/registry.ts';
import type { ApiObject, JsonObject } from '../registry/types.ts';
import { limitRanger } from './plugins/limits.ts';
import { podIdentity } from './plugins/pod-identity.ts';
import { serviceAccountPlugin } from './plugins/service-account.ts';
import { resolveEndpoint } from './webhooks/endpoint.ts';
import { matchWebhooks } from './webhooks/match.ts';

function lookup(objects: { [key: string]: object }): Lookup {
  return {
    get: (table, namespace, name) => objects[`${table} ${namespace ?? ''}/${name}`] as ApiObject | undefined,
    list: (table) =>
      Object.entries(objects)
        .filter(([key]) => key.startsWith(`${table} `))
        .map(([, object]) => object as ApiObject),
  };
}

function request(object: object, change: object = {}): AdmissionRequest {
  const info = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true };
  const attributes = { verb: 'create', subresource: '', namespace: 'n', name: 'p' };
  return {
    operation: 'CREATE',
    info,
    attributes,
    object,
    old: undefined,
    options: {},
    ...change,
  } as unknown as AdmissionRequest;
}

const newPod = (): ApiObject & { spec: JsonObject } => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'a', env: [{ name: 'AWS_REGION', value: 'mine' }] }], initContainers: [{ name: 'i' }] },
});

test('a pod gets the token of its account once, however often the rule runs', () => {
  const plugin = serviceAccountPlugin(lookup({ '/serviceaccounts n/default': { metadata: {} } }));
  const pod = newPod();
  plugin.mutate?.(request(pod));
  plugin.mutate?.(request(pod));
  assert.equal((pod.spec.volumes as JsonObject[]).length, 1);
  assert.equal(pod.spec.serviceAccountName, 'default');
  for (const container of [...(pod.spec.containers as JsonObject[]), ...(pod.spec.initContainers as JsonObject[])]) {
    assert.equal((container.volumeMounts as JsonObject[]).length, 1);
  }
});

test('a pod that declines gets no token, and one of an unknown account is refused', () => {
  const pod = newPod();
  pod.spec.automountServiceAccountToken = false;
  serviceAccountPlugin(lookup({ '/serviceaccounts n/default': { metadata: {} } })).mutate?.(request(pod));
  assert.equal(pod.spec.volumes, undefined);
  assert.throws(
    () => serviceAccountPlugin(lookup({})).mutate?.(request(newPod())),
    /error looking up service account n\/default/,
  );
});

test('the role of an account reaches all containers as variables and a token', () => {
  const role = 'arn:aws:iam::1:role/r';
  const accounts = lookup({
    '/serviceaccounts n/default': { metadata: { annotations: { 'eks.amazonaws.com/role-arn': role } } },
  });
  const pod = newPod();
  podIdentity(accounts, { region: 'eu-west-1', endpointUrl: 'http://s3' }).mutate?.(request(pod));
  const [container] = pod.spec.containers as { env: { name: string; value: string }[] }[];
  const env = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
  assert.deepEqual(env, {
    AWS_REGION: 'mine',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_STS_REGIONAL_ENDPOINTS: 'regional',
    AWS_ROLE_ARN: role,
    AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token',
    AWS_ENDPOINT_URL: 'http://s3',
  });
  const [volume] = pod.spec.volumes as JsonObject[];
  const serviceAccountToken = { audience: 'sts.amazonaws.com', expirationSeconds: 86_400, path: 'token' };
  assert.deepEqual(volume?.projected, { sources: [{ serviceAccountToken }], defaultMode: 0o644 });
});

const hook = (change: object = {}, rule: object = {}): JsonObject => ({
  name: 'h',
  rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: '*', ...rule }],
  namespaceSelector: {},
  objectSelector: {},
  ...change,
});

test('a webhook is asked when rule, namespace and object match', () => {
  const namespaces = lookup({ '/namespaces /n': { metadata: { labels: { a: 'b' } } } });
  const matches = (one: JsonObject, change: object = {}) =>
    matchWebhooks([one], request(newPod(), change), createRegistry(), namespaces).length === 1;
  const status = { attributes: { verb: 'update', subresource: 'status', namespace: 'n', name: 'p' } };
  assert.equal(matches(hook()), true);
  assert.equal(matches(hook({}, { operations: ['DELETE'] })), false);
  assert.equal(matches(hook(), status), false);
  assert.equal(matches(hook({}, { resources: ['pods/*'] }), status), true);
  assert.equal(matches(hook({}, { scope: 'Cluster' })), false);
  assert.equal(matches(hook({ namespaceSelector: { matchLabels: { a: 'b' } } })), true);
  assert.equal(matches(hook({ namespaceSelector: { matchLabels: { a: 'c' } } })), false);
  assert.equal(matches(hook({ objectSelector: { matchLabels: { a: 'b' } } })), false);
});

test('a webhook behind a service is reached at a ready endpoint, under the name of the service', () => {
  const client = { service: { namespace: 'n', name: 's', path: '/x', port: 443 } };
  const service = { spec: { ports: [{ name: 'https', port: 443, targetPort: 9443 }] } };
  const slice = {
    metadata: { labels: { 'kubernetes.io/service-name': 's' } },
    ports: [{ name: 'https', port: 9443 }],
    endpoints: [
      { addresses: ['127.1.0.1'], conditions: { ready: false } },
      { addresses: ['127.1.0.2'], conditions: { ready: true } },
    ],
  };
  const found = resolveEndpoint(
    client,
    lookup({ '/services n/s': service, 'discovery.k8s.io/endpointslices n/x': slice }),
  );
  assert.deepEqual([found.host, found.port, found.serverName], ['127.1.0.2', 9443, 's.n.svc']);
  assert.equal(found.url.href, 'https://s.n.svc/x');
  assert.throws(() => resolveEndpoint(client, lookup({})), /service "s" not found/);
  assert.throws(() => resolveEndpoint(client, lookup({ '/services n/s': service })), /no endpoints available/);
});

test('a container gets the defaults of its namespace and stays within its bounds', () => {
  const limit = {
    type: 'Container',
    default: { memory: '1Gi' },
    defaultRequest: { cpu: '100m' },
    max: { memory: '2Gi' },
  };
  const plugin = limitRanger(lookup({ '/limitranges n/l': { spec: { limits: [limit] } } }));
  const pod = newPod();
  plugin.mutate?.(request(pod));
  const [container] = pod.spec.containers as JsonObject[];
  assert.deepEqual(container?.resources, { limits: { memory: '1Gi' }, requests: { cpu: '100m' } });
  plugin.validate?.(request(pod));
  if (container !== undefined) container.resources = { limits: { memory: '3Gi' } };
  assert.throws(() => plugin.validate?.(request(pod)), /maximum memory usage per Container is 2Gi, but limit is 3Gi/);
});
