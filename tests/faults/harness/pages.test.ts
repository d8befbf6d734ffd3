import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkPages, pageChecksum } from './pages.ts';

/** A page that was used, with its checksum. */
function page(fill: number, block: number): Buffer {
  const bytes = Buffer.alloc(8192, fill);
  bytes.writeUInt16LE(pageChecksum(bytes, block), 8);
  return bytes;
}

test('the checksum depends on the place, not on the field that holds it', () => {
  const bytes = page(7, 3);
  assert.equal(pageChecksum(bytes, 3), bytes.readUInt16LE(8));
  assert.notEqual(pageChecksum(bytes, 4), bytes.readUInt16LE(8));
});

test('damaged pages are found in every fork and segment, empty ones are passed over', async (t) => {
  const pgData = mkdtempSync(join(tmpdir(), 'pages-'));
  t.after(() => rmSync(pgData, { recursive: true }));
  mkdirSync(join(pgData, 'base', '5'), { recursive: true });
  mkdirSync(join(pgData, 'global'));
  const damaged = page(3, 1);
  damaged.writeUInt8(4, 5000);
  writeFileSync(join(pgData, 'base', '5', '1234'), Buffer.concat([page(1, 0), damaged, Buffer.alloc(8192)]));
  writeFileSync(join(pgData, 'base', '5', '1234.1'), page(2, 131_072));
  writeFileSync(join(pgData, 'base', '5', '1234_fsm'), page(2, 1));
  writeFileSync(join(pgData, 'base', '5', 'pg_internal.init'), 'not of pages');
  writeFileSync(join(pgData, 'global', '1260'), page(9, 0));
  const { pages, damaged: found } = await checkPages(pgData);
  assert.equal(pages, 6);
  assert.deepEqual([...found].sort(), ['base/5/1234 page 1', 'base/5/1234_fsm page 0']);
  const clean = new Map();
  await checkPages(pgData, clean);
  assert.equal((await checkPages(pgData, clean)).pages, 4, 'only the damaged files are read again');
});
