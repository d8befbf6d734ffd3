import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigMap, EnvVar, Secret } from 'kubernetes-types/core/v1.d.ts';
import { pod, stored } from '../testing/objects.ts';
import { buildEnvironment, ContainerConfigError } from './environment.ts';

const image = { reference: 'x', path: ['/image/bin'], files: {}, env: { LANG: 'C', FROM_IMAGE: 'yes' } };

function build(env: EnvVar[], more: object = {}): Record<string, string> {
  const container = { name: 'c', image: 'x', env, ...more };
  return buildEnvironment({
    pod: pod('p', { containers: [container], nodeName: 'node-a' }, { metadata: { labels: { app: 'db' } } }),
    container,
    image,
    placement: { podIP: '127.16.0.9', hostIP: '127.16.0.1' },
    sandbox: '/tmp/s',
    hostsFile: '/state/hosts',
    apiServer: { host: '127.0.0.1', port: 6443 },
    hostPath: '/usr/bin',
    machine: { cpu: '8', memory: '16Gi' },
    secret: (name) =>
      name === 's' ? stored<Secret>('s', { data: { k: Buffer.from('secret').toString('base64') } }) : undefined,
    configMap: (name) => (name === 'm' ? stored<ConfigMap>('m', { data: { one: '1', two: '2' } }) : undefined),
  });
}

test('nothing of the host leaks in but PATH', () => {
  process.env.LEAK = 'leak';
  const env = build([]);
  delete process.env.LEAK;
  assert.equal(env.LEAK, undefined);
  assert.equal(env.PATH, '/image/bin:/usr/bin');
  assert.equal(env.HOME, '/tmp/s/tmp');
  assert.equal(env.HOSTNAME, 'p');
  assert.equal(env.KUBERNETES_SERVICE_PORT, '6443');
  assert.equal(env.MATRIARCH_BIND_ADDRESS, '127.16.0.9');
});

test('values refer to earlier ones, to the pod, to Secrets and ConfigMaps', () => {
  const env = build(
    [
      { name: 'FIRST', value: 'a' },
      { name: 'SECOND', value: '$(FIRST)b $(FROM_IMAGE) $(LATER)' },
      { name: 'LATER', value: 'x' },
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'LABEL', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: 'SECRET', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
      { name: 'NONE', valueFrom: { secretKeyRef: { name: 'none', key: 'k', optional: true } } },
      { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
    ],
    { envFrom: [{ prefix: 'M_', configMapRef: { name: 'm' } }] },
  );
  assert.equal(env.SECOND, 'ab yes $(LATER)');
  assert.equal(env.IP, '127.16.0.9');
  assert.equal(env.LABEL, 'db');
  assert.equal(env.SECRET, 'secret');
  assert.equal('NONE' in env, false);
  assert.equal(env.CPU, '8');
  assert.deepEqual([env.M_one, env.M_two], ['1', '2']);
});

test('what is missing is named', () => {
  const refusal = (env: EnvVar) => {
    try {
      build([env]);
    } catch (error) {
      assert(error instanceof ContainerConfigError);
      return error.message;
    }
    return 'accepted';
  };
  assert.equal(refusal({ name: 'A', valueFrom: { secretKeyRef: { name: 'no', key: 'k' } } }), 'secret "no" not found');
  assert.equal(
    refusal({ name: 'A', valueFrom: { configMapKeyRef: { name: 'm', key: 'three' } } }),
    "couldn't find key three in ConfigMap default/m",
  );
  assert.equal(
    refusal({ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.no' } } }),
    'unsupported fieldPath: spec.no',
  );
});
