import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newestMatching, versionOfTag } from './postgres-image.ts';

const versions = ['16.4.0-beta.14', '17.2.0-beta.14', '17.2.0-beta.15', '17.10.0-beta.17', '17.9.0-beta.17', 'junk'];

test('a tag begins with the version, and other tags name none', () => {
  assert.deepEqual(versionOfTag('17.2-bookworm'), { major: 17, minor: 2 });
  assert.deepEqual(versionOfTag('17'), { major: 17, minor: undefined });
  assert.deepEqual(versionOfTag('18-minimal-trixie'), { major: 18, minor: undefined });
  for (const tag of ['latest', '', 'v17', '17.2.1']) assert.equal(versionOfTag(tag), undefined, tag);
});

test('the newest build of the wanted version is taken, numbers compared as numbers', () => {
  assert.equal(newestMatching(versions, { major: 17, minor: 2 }), '17.2.0-beta.15');
  assert.equal(newestMatching(versions, { major: 17, minor: undefined }), '17.10.0-beta.17');
  assert.equal(newestMatching(versions, { major: 19, minor: undefined }), undefined);
});
