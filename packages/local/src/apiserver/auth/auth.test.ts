import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Lookup } from '../kinds/lookup.ts';
import type { ApiObject } from '../registry/types.ts';
import { authenticate } from './authenticate.ts';
import { impersonate } from './impersonate.ts';
import { allows, covers, piecesOf, type Rule, shownRules } from './rbac/rules.ts';
import { signToken } from './tokens/jwt.ts';
import { openTokenKey } from './tokens/key.ts';
import { createVerifier } from './tokens/service-account.ts';

const ISSUER = 'https://issuer.example.com';
const NOW = new Date('2024-01-01T00:00:00Z');
const SECONDS = NOW.getTime() / 1000;

function object(uid: string): ApiObject {
  return { apiVersion: 'v1', kind: 'X', metadata: { uid } };
}

function lookup(objects: { [key: string]: ApiObject }): Lookup {
  return { get: (table, namespace, name) => objects[`${table} ${namespace}/${name}`], list: () => [] };
}

const key = openTokenKey(undefined);
const serviceaccount = { name: 'a', uid: 'u1' };

function token(change: object = {}, bound: object = {}): string {
  const kubernetes = { namespace: 'n', serviceaccount, ...bound };
  const claims = {
    iss: ISSUER,
    sub: 's',
    aud: ['x'],
    iat: SECONDS,
    nbf: SECONDS,
    exp: SECONDS + 600,
    'kubernetes.io': kubernetes,
  };
  return signToken({ ...claims, ...change }, key);
}

const account = { '/serviceaccounts n/a': object('u1') };

function verify(text: string, objects: { [key: string]: ApiObject } = account, now = NOW) {
  return createVerifier(key, ISSUER, lookup(objects), () => now).verify(text, ['x']);
}

test('a token speaks for its account while its time lasts, for its audience', () => {
  const verdict = verify(token());
  assert.ok('user' in verdict);
  assert.equal(verdict.user.name, 'system:serviceaccount:n:a');
  assert.deepEqual(verdict.audiences, ['x']);
  const late = new Date(NOW.getTime() + 600_000);
  for (const wrong of [
    verify(token(), account, late),
    verify(token({ aud: ['y'] })),
    verify(token({ iss: 'other' })),
  ]) {
    assert.ok('refused' in wrong);
  }
});

test('a token is void when its account or what it is bound to is gone or was made anew', () => {
  const pod = { pod: { name: 'p', uid: 'u2' } };
  assert.ok('refused' in verify(token(), {}));
  assert.ok('refused' in verify(token(), { '/serviceaccounts n/a': object('other') }));
  assert.ok('refused' in verify(token({}, pod)));
  const verdict = verify(token({}, pod), { ...account, '/pods n/p': object('u2') });
  assert.ok('user' in verdict);
  assert.deepEqual(verdict.user.extra?.['authentication.kubernetes.io/pod-name'], ['p']);
});

test('a changed token, or one that names no algorithm, is refused', () => {
  const [header, , signature] = token().split('.');
  const forged = Buffer.from(JSON.stringify({ iss: ISSUER, aud: ['x'], exp: SECONDS + 600 })).toString('base64url');
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${forged}.`;
  for (const text of [`${header}.${forged}.${signature}`, none, 'x', 'a.b.c'])
    assert.ok('refused' in verify(text), text);
});

test('the key of tokens survives a restart', () => {
  const folder = mkdtempSync(join(tmpdir(), 'token-key-'));
  try {
    assert.equal(openTokenKey(folder).id, openTokenKey(folder).id);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('without credentials a request is anonymous, with wrong ones it is refused', () => {
  const verifier = createVerifier(key, ISSUER, lookup(account), () => NOW);
  const ask = (authorization?: string) =>
    authenticate({ headers: { authorization }, socket: {} } as never, {
      verifier,
      audiences: ['x'],
      adminToken: 'secret',
    });
  assert.equal(ask()?.name, 'system:anonymous');
  assert.equal(ask('Basic YTpi')?.name, 'system:anonymous');
  assert.equal(ask('Bearer wrong'), undefined);
  assert.ok(ask('Bearer secret')?.groups.includes('system:masters'));
  assert.equal(ask(`Bearer ${token()}`)?.uid, 'u1');
});

test('acting as another needs a permission for each part of his identity', () => {
  const rawHeaders = ['Impersonate-User', 'jane', 'Impersonate-Group', 'g', 'Impersonate-Group', 'h'];
  const request = { rawHeaders, headers: { 'impersonate-user': 'jane' } };
  const asked: string[] = [];
  const user = impersonate({ name: 'me', groups: [] }, request, ({ resource, name }) => {
    asked.push(`${resource} ${name}`);
    return { allowed: true, reason: '' };
  });
  assert.deepEqual(asked, ['users jane', 'groups g', 'groups h']);
  assert.deepEqual(user.groups, ['g', 'h', 'system:authenticated']);
  assert.throws(
    () => impersonate({ name: 'me', groups: [] }, request, () => ({ allowed: false, reason: '' })),
    /cannot impersonate/,
  );
});

const rule = (change: Partial<Rule>): Rule => ({
  ...{ verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: [], nonResourceURLs: [] },
  ...change,
});
const asks = (change: object = {}) => ({
  ...{ verb: 'get', group: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'n', name: 'p' },
  ...change,
});

test('a rule allows what it names: verbs, groups, resources with subresources, names, addresses', () => {
  assert.equal(allows(rule({}), asks()), true);
  assert.equal(allows(rule({}), asks({ verb: 'list' })), false);
  assert.equal(allows(rule({}), asks({ subresource: 'log' })), false);
  assert.equal(allows(rule({ resources: ['*/log'] }), asks({ subresource: 'log' })), true);
  assert.equal(allows(rule({ resourceNames: ['q'] }), asks()), false);
  assert.equal(allows(rule({ resourceNames: ['p'] }), asks({ name: '' })), false);
  assert.equal(allows(rule({ nonResourceURLs: ['/api/*'] }), asks({ path: '/api/v1' })), true);
  assert.equal(allows(rule({ resources: ['*'], apiGroups: ['*'] }), asks({ path: '/api' })), false);
});

test('nobody holds more than his rules say, not even by naming everything', () => {
  const held = [rule({ verbs: ['get', 'list'] })];
  const missing = (wanted: Rule) => piecesOf(wanted).filter((piece) => !covers(held, piece));
  assert.deepEqual(missing(rule({ verbs: ['list', 'get'] })), []);
  assert.deepEqual(shownRules(missing(rule({ verbs: ['get', 'delete'], resources: ['pods', 'secrets'] }))), [
    '{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}',
    '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "delete"]}',
  ]);
  assert.equal(missing(rule({ verbs: ['*'] })).length, 1);
});
