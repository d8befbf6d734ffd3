import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { translateEnvironment, translatePath } from './translate.ts';

test('paths below a mount are where the mount is, all others are left alone', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'translate-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const root = join(folder, 'root');
  const link = join(folder, 'l');
  mkdirSync(join(root, 'var/lib'), { recursive: true });
  mkdirSync(join(folder, 'volume/data'), { recursive: true });
  symlinkSync(join(folder, 'volume'), join(root, 'var/lib/mounted'));
  assert.equal(translatePath('/var/lib/mounted/data', root, link), `${link}/var/lib/mounted/data`);
  assert.equal(translatePath('/var/lib/mounted/not-there-yet', root, link), `${link}/var/lib/mounted/not-there-yet`);
  assert.equal(translatePath('/var/lib/mounted', root, link), `${link}/var/lib/mounted`);
  for (const word of [
    '/var/lib',
    '/var/lib/other',
    '/etc/passwd',
    'var/lib/mounted',
    '-c',
    `${link}/var/lib/mounted/x`,
  ]) {
    assert.equal(translatePath(word, root, link), word);
  }
  assert.deepEqual(
    translateEnvironment({ PATH: '/var/lib/mounted', HERE: '/var/lib/mounted', OTHER: 'x' }, root, link),
    {
      PATH: '/var/lib/mounted',
      HERE: `${link}/var/lib/mounted`,
      OTHER: 'x',
    },
  );
});
