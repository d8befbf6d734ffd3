import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadKubeconfig } from './kubeconfig.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
after(() => rmSync(folder, { recursive: true }));

const text = `
apiVersion: v1
kind: Config
current-context: one
clusters:
  - { name: c1, cluster: { server: "https://one:6443", certificate-authority: ca.pem } }
  - { name: c2, cluster: { server: "https://two:6443", insecure-skip-tls-verify: true } }
contexts:
  - { name: one, context: { cluster: c1, user: u1, namespace: demo } }
  - { name: two, context: { cluster: c2, user: u2 } }
users:
  - { name: u1, user: { token: abc } }
  - { name: u2, user: { client-certificate-data: Y2VydA==, client-key-data: a2V5 } }
`;
const path = join(folder, 'config');
writeFileSync(path, text);
writeFileSync(join(folder, 'ca.pem'), 'the ca');

test('the current context gives server, CA beside the file, namespace and token', async () => {
  const config = loadKubeconfig({ path });
  assert.equal(config.server, 'https://one:6443');
  assert.equal(config.ca, 'the ca');
  assert.equal(config.namespace, 'demo');
  assert.deepEqual(await config.credentials(), { token: 'abc' });
});

test('another context by name, with a client certificate', async () => {
  const config = loadKubeconfig({ env: { KUBECONFIG: `${join(folder, 'absent')}:${path}` }, context: 'two' });
  assert.equal(config.insecureSkipTlsVerify, true);
  assert.equal(config.namespace, 'default');
  assert.deepEqual(await config.credentials(), { cert: 'cert', key: 'key' });
});

test('what is missing is named', () => {
  assert.throws(() => loadKubeconfig({ path, context: 'three' }), /context "three" does not exist in .*config/);
  assert.throws(() => loadKubeconfig({ path: join(folder, 'absent') }), /no kubeconfig file found at .*absent/);
});
