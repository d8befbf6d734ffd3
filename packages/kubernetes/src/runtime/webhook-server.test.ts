import assert from 'node:assert/strict';
import { createPrivateKey, randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { after, before, test } from 'node:test';
import { generateKey, issueCertificate } from '../certificates/certificate.ts';
import { createWebhookServer, type WebhookServer } from './webhook-server.ts';

let server: WebhookServer;
let ca: string;

before(async () => {
  const key = generateKey();
  ca = issueCertificate(
    {
      subject: { commonName: 'localhost' },
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 3_600_000),
      serial: randomBytes(16),
      isCA: true,
      keyUsage: ['digitalSignature', 'certSign'],
      extendedKeyUsage: 'serverAuth',
      altNames: ['localhost'],
    },
    createPrivateKey(key),
  );
  server = await createWebhookServer({
    port: 0,
    host: '127.0.0.1',
    certificate: { cert: ca, key },
    admission: {
      '/mutate': () => ({ allowed: true, patch: [{ op: 'add', path: '/spec', value: 1 }] }),
      '/throw': () => {
        throw new Error('spec.instances: 0: must be 1 or more');
      },
    },
    get: { '/readyz': () => ({ status: 200, body: 'OK' }) },
  });
});

after(() => server.close());

function send(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = { method, path, host: '127.0.0.1', port: server.port, ca, servername: 'localhost' };
    const outgoing = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const review = { request: { uid: 'u1', operation: 'CREATE', object: {} } };

test('readiness, and nothing for unknown paths', async () => {
  assert.deepEqual(await send('GET', '/readyz'), { status: 200, text: 'OK' });
  assert.equal((await send('POST', '/unknown', review)).status, 404);
});

test('a patch is answered as base64 JSONPatch with the uid of the request', async () => {
  const { response } = JSON.parse((await send('POST', '/mutate', review)).text);
  assert.equal(response.uid, 'u1');
  assert.equal(response.patchType, 'JSONPatch');
  assert.equal(Buffer.from(response.patch, 'base64').toString(), '[{"op":"add","path":"/spec","value":1}]');
});

test('a throwing handler refuses with its message', async () => {
  const { response } = JSON.parse((await send('POST', '/throw', review)).text);
  assert.equal(response.allowed, false);
  assert.match(response.status.message, /spec.instances/);
});
