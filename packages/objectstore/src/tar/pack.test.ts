import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packedHash, packedSize, packFiles } from './pack.ts';
import { readTar } from './read.ts';

test('the archive depends on names and contents alone, and is read back as it was', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pack-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const contents: Record<string, string> = { b: 'x'.repeat(512), a: 'short', c: '' };
  for (const [name, text] of Object.entries(contents)) writeFileSync(join(folder, name), text);
  const pieces = await Array.fromAsync(packFiles(folder, ['b', 'a', 'c']));
  const archive = Buffer.concat(pieces);
  assert.equal(archive.length, await packedSize(folder, ['a', 'b', 'c']));
  const hash = createHash('sha256').update(archive).digest('hex');
  assert.equal(await packedHash(folder, ['c', 'b', 'a']), hash);
  chmodSync(join(folder, 'a'), 0o600);
  utimesSync(join(folder, 'a'), 1, 1);
  assert.equal(await packedHash(folder, ['a', 'b', 'c']), hash);

  const read: [string, string][] = [];
  for await (const { entry, content } of readTar(packFiles(folder, ['a', 'b', 'c']))) {
    read.push([entry.name, Buffer.concat(await Array.fromAsync(content)).toString()]);
  }
  assert.deepEqual(read, [
    ['a', 'short'],
    ['b', contents.b],
    ['c', ''],
  ]);
  writeFileSync(join(folder, 'a'), 'shorT');
  assert.notEqual(await packedHash(folder, ['a', 'b', 'c']), hash);
});
