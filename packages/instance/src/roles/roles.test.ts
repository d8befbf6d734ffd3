import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ExistingRole, planRole } from './decide.ts';
import { isVerifier, scramVerifier, storedPassword } from './scram.ts';

const keep = { kind: 'keep' } as const;
const existing: ExistingRole = {
  name: 'app',
  superuser: false,
  createdb: false,
  createrole: false,
  inherit: true,
  login: true,
  replication: false,
  bypassrls: false,
  connectionLimit: -1,
  comment: '',
  inRoles: ['old'],
  validUntil: undefined,
  hasPassword: true,
  transaction: 5,
};

test('a new role gets every attribute by name', () => {
  const [create, comment] = planRole({ name: 'a"b', login: true, inRoles: ['x'], comment: "it's" }, undefined, keep);
  assert.equal(
    create,
    'CREATE ROLE "a""b" NOSUPERUSER NOCREATEDB NOCREATEROLE INHERIT LOGIN NOREPLICATION NOBYPASSRLS CONNECTION LIMIT -1 IN ROLE "x"',
  );
  assert.equal(comment, `COMMENT ON ROLE "a""b" IS 'it''s'`);
});

test('a role that is right needs no statement', () => {
  assert.deepEqual(planRole({ name: 'app', login: true, inRoles: ['old'] }, existing, keep), []);
  assert.deepEqual(planRole({ name: 'app', ensure: 'absent' }, undefined, keep), []);
});

test('only what differs is changed', () => {
  assert.deepEqual(planRole({ name: 'app', login: true, inRoles: ['new'] }, existing, keep), [
    'GRANT "new" TO "app"',
    'REVOKE "old" FROM "app"',
  ]);
  assert.deepEqual(planRole({ name: 'app', login: true, inRoles: ['old'] }, existing, { kind: 'none' }), [
    'ALTER ROLE "app" PASSWORD NULL',
  ]);
  const finite = { ...existing, validUntil: '2026-01-01T00:00:00Z' };
  assert.deepEqual(planRole({ name: 'app', login: true, inRoles: ['old'] }, finite, keep), [
    `ALTER ROLE "app" VALID UNTIL 'infinity'`,
  ]);
});

test('a verifier has the form PostgreSQL stores, and the known value for a known salt', async () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  const verifier = await scramVerifier('pencil', salt);
  assert.equal(
    verifier,
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
  assert.ok(isVerifier(verifier));
  assert.equal(await storedPassword(verifier), verifier);
  assert.ok(!isVerifier('pencil'));
});
