import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const script = join(import.meta.dirname, '../../../../deploy/image/manager');

test('`manager bootstrap` lays its files out, and does so again over the files of a former start', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bootstrap-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  copyFileSync(script, join(folder, 'manager'));
  for (const name of ['node', 'instance.mjs', 'worker.mjs']) writeFileSync(join(folder, name), name);
  const target = join(folder, 'controller/manager');
  const bootstrap = () =>
    execFileSync('sh', [join(folder, 'manager'), 'bootstrap', target], { env: { PATH: process.env.PATH } });
  bootstrap();
  bootstrap();
  // Another start may find the image elsewhere.
  rmSync(join(folder, 'worker.mjs'));
  writeFileSync(join(folder, 'worker.mjs'), 'newer');
  bootstrap();
  assert.equal(readFileSync(join(folder, 'controller/worker.mjs'), 'utf8'), 'newer');
  assert.equal(readFileSync(join(folder, 'controller/node'), 'utf8'), 'node');
  assert.equal(readFileSync(target, 'utf8'), readFileSync(script, 'utf8'));
  assert.ok((statSync(target).mode & 0o100) !== 0);
  // An image may come with the hash of its files; the next one may not, and then the former one is wrong.
  writeFileSync(join(folder, 'manager.sha256'), 'hash');
  bootstrap();
  assert.equal(readFileSync(join(folder, 'controller/manager.sha256'), 'utf8'), 'hash');
  rmSync(join(folder, 'manager.sha256'));
  bootstrap();
  assert.ok(!existsSync(join(folder, 'controller/manager.sha256')));
});
