import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openAuthority } from './authority.ts';

test('the certificate of the server is kept while it is good, and made anew when it is not', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const names = ['localhost', 'kubernetes.default.svc', '127.0.0.1', '::1'];
  const first = await (await openAuthority(folder)).server('kube-apiserver', names);
  assert.equal(statSync(join(folder, 'apiserver.key')).mode & 0o777, 0o600);
  const authority = await openAuthority(folder);
  assert.deepEqual(await authority.server('kube-apiserver', names), first);
  const wider = await authority.server('kube-apiserver', [...names, '127.9.9.9']);
  assert.notEqual(wider.cert, first.cert);
  assert.ok(new X509Certificate(wider.cert).checkIP('127.9.9.9'));
  const later = new Date(Date.now() + 2 * 365 * 24 * 3600 * 1000);
  const renewed = await (await openAuthority(folder, later)).server('kube-apiserver', names);
  assert.notEqual(renewed.cert, wider.cert);
  for (const name of ['ca.crt', 'ca.key']) rmSync(join(folder, name));
  const other = await openAuthority(folder);
  const anew = await other.server('kube-apiserver', names);
  assert.ok(new X509Certificate(anew.cert).verify(new X509Certificate(other.cert).publicKey));
});

test('a client certificate names the user and his groups', async () => {
  const authority = await openAuthority(undefined);
  const { cert } = await authority.client('system:node:a, b', ['system:nodes', 'x=y']);
  const certificate = new X509Certificate(cert);
  assert.equal(certificate.subject, 'CN=system:node:a\\, b\nO=system:nodes\nO=x=y');
  assert.ok(certificate.verify(new X509Certificate(authority.cert).publicKey));
});
