import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, randomBytes, X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { connect, createServer } from 'node:tls';
import { generateKey, issueCertificate, publicKeyFingerprint } from './certificate.ts';

const notBefore = new Date('2026-01-01T00:00:00Z');
const notAfter = new Date('2099-12-31T23:59:59Z');
const caKey = createPrivateKey(generateKey());
const ca = issueCertificate(
  {
    subject: { commonName: 'prod', organizationalUnit: 'demo' },
    notBefore,
    notAfter,
    serial: randomBytes(16),
    isCA: true,
    keyUsage: ['certSign'],
  },
  caKey,
);

function leaf(usage: 'serverAuth' | 'clientAuth', altNames: string[] = []) {
  const key = generateKey();
  const cert = issueCertificate(
    {
      subject: { commonName: 'prod-rw' },
      notBefore: new Date(Date.now() - 300_000),
      notAfter,
      serial: randomBytes(16),
      isCA: false,
      keyUsage: ['digitalSignature', 'keyEncipherment', 'keyAgreement'],
      extendedKeyUsage: usage,
      altNames,
    },
    createPrivateKey(key),
    { cert: ca, key: caKey },
  );
  return { cert, key };
}

test('a CA is self-signed, marked as CA, with the names asked for', () => {
  const certificate = new X509Certificate(ca);
  assert.ok(certificate.ca);
  assert.ok(certificate.verify(certificate.publicKey));
  assert.equal(certificate.subject, 'OU=demo\nCN=prod');
  assert.equal(certificate.validToDate.toISOString(), '2099-12-31T23:59:59.000Z');
  assert.match(generateKey(), /^-----BEGIN EC PRIVATE KEY-----/);
});

test('a leaf chains to its CA and carries its alternative names', () => {
  const { cert } = leaf('serverAuth', ['prod-rw', 'prod-rw.demo.svc', '10.0.0.1']);
  const certificate = new X509Certificate(cert);
  assert.ok(certificate.checkIssued(new X509Certificate(ca)));
  assert.ok(certificate.verify(createPublicKey(caKey)));
  assert.equal(certificate.checkHost('prod-rw.demo.svc'), 'prod-rw.demo.svc');
  assert.equal(certificate.checkIP('10.0.0.1'), '10.0.0.1');
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
});

test('both sides of a TLS connection accept each other', async () => {
  const serverSide = leaf('serverAuth', ['prod-rw']);
  const clientSide = leaf('clientAuth');
  const server = createServer({ ...serverSide, ca, requestCert: true, rejectUnauthorized: true }, (socket) => {
    socket.end(socket.authorized ? 'hello' : 'refused');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1', servername: 'prod-rw', ca, ...clientSide });
  let text = '';
  for await (const chunk of client) text += String(chunk);
  server.close();
  assert.equal(text, 'hello');
});

test('the fingerprint belongs to the key, not to the certificate', () => {
  const { cert } = leaf('clientAuth');
  assert.match(publicKeyFingerprint(cert), /^[0-9a-f]{64}$/);
  assert.notEqual(publicKeyFingerprint(cert), publicKeyFingerprint(ca));
});
