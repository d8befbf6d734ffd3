import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sqliteBackend } from './backend.ts';

/** A disk of 2 MiB; undefined where none can be mounted. */
function smallDisk(t: TestContext): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  t.after(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

test('a full disk refuses writes with a sentence, loses none that was answered, and takes them again later', (t) => {
  const folder = smallDisk(t);
  if (folder === undefined) return t.skip('no small disk can be mounted here');
  const path = join(folder, 'objects.db');
  const backend = sqliteBackend(path);
  backend.put('/a//1', 2, '"first"');
  const ballast = join(folder, 'ballast');
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(ballast, Buffer.alloc(bavail * bsize - 64 * 1024));
  let version = 2;
  const fill = () => {
    for (;;) {
      backend.put(`/a//${version}`, version + 1, JSON.stringify('x'.repeat(4000)));
      version += 1;
    }
  };
  for (let tries = 0; tries < 3; tries += 1) {
    assert.throws(fill, { code: 507, message: /^the disk is full: nothing can be written to .*objects\.db; free/ });
  }
  rmSync(ballast);
  backend.put('/a//last', version + 1, '"last"');
  backend.close();
  const again = sqliteBackend(path);
  const { rows, version: stored } = again.load();
  again.close();
  assert.equal(stored, version + 1);
  assert.equal(rows.length, version);
  assert.equal(rows.find(({ key }) => key === '/a//last')?.json, '"last"');
});
