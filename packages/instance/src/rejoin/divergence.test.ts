import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findDivergence, holdsRecord } from './divergence.ts';

const segmentSize = 16 * 1024 * 1024;

function page(start: bigint, offset: number, length: number, previous: bigint): Buffer {
  const bytes = Buffer.alloc(8192);
  bytes.writeBigUInt64LE(start, 8);
  bytes.writeUInt32LE(length, offset);
  bytes.writeBigUInt64LE(previous, offset + 8);
  return bytes;
}

test('a record is one with a length and a predecessor, on a page of this place', () => {
  const start = 0x3000000n + 8192n;
  assert.ok(holdsRecord(page(start, 100, 50, start), start + 100n, segmentSize));
  assert.ok(!holdsRecord(page(start, 100, 0, 0n), start + 100n, segmentSize));
  assert.ok(!holdsRecord(page(start - BigInt(segmentSize), 100, 50, start), start + 100n, segmentSize));
  assert.ok(!holdsRecord(page(start, 100, 50, start + 200n), start + 100n, segmentSize));
});

test('a record at the border of a page stands behind the header', () => {
  const first = 0x3000000n;
  assert.ok(holdsRecord(page(first, 40, 50, first - 100n), first, segmentSize));
  const second = first + 8192n;
  assert.ok(holdsRecord(page(second, 24, 50, first), second, segmentSize));
  const split = page(second, 100, 0, 0n);
  split.writeUInt32LE(50, 8184);
  assert.ok(holdsRecord(split, second + 8184n, segmentSize), 'the header goes on in the next page');
});

test('the branch point decides', async (t) => {
  const pgData = await mkdtemp(join(tmpdir(), 'divergence-'));
  t.after(() => rm(pgData, { recursive: true, force: true }));
  await mkdir(join(pgData, 'pg_wal'));
  const history = '1\t0/3000100\tno recovery target\n';
  const input = { pgData, timeline: 1, segmentSize, checkpoint: 0x3000028n, newTimeline: 2, history };
  assert.deepEqual(await findDivergence(input), { kind: 'none' });
  // The segment of the branch has been recycled, but a checkpoint lies behind it.
  assert.equal((await findDivergence({ ...input, checkpoint: 0x3000100n })).kind, 'diverged');
  await writeFile(join(pgData, 'pg_wal', '000000010000000000000003'), page(0x3000000n, 0x100, 60, 0x3000028n));
  assert.equal((await findDivergence(input)).kind, 'diverged');
  assert.equal((await findDivergence({ ...input, history: '' })).kind, 'diverged');
  assert.equal((await findDivergence({ ...input, newTimeline: 1 })).kind, 'diverged');
});
