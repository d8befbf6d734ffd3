import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isWalName, lsnToBigInt, nextSegment, segmentOf, segmentOffset, segmentRange, walPath } from './names.ts';

const mebibyte = 1024 * 1024;

test('names that PostgreSQL archives are known, others are not', () => {
  for (const name of [
    '0000000100000000000000A1',
    '0000000100000000000000A1.partial',
    '0000000100000000000000A1.00000028.backup',
    '00000002.history',
  ]) {
    assert.ok(isWalName(name), name);
  }
  for (const name of ['', 'x', '0000000100000000000000A1.gz', '00000002.HISTORYx', '../00000002.history']) {
    assert.ok(!isWalName(name), name);
  }
});

test('the folder comes from the log part, and history files have none', () => {
  assert.equal(walPath('00000001000000A1000000FF'), '00000001000000A1/00000001000000A1000000FF');
  assert.equal(walPath('00000002.history'), '00000002.history');
});

test('the next segment holds the position one segment on', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 0xffffffff }),
      fc.integer({ min: 0, max: 0xfffffffe }),
      fc.integer({ min: 0, max: 0xffffffff }),
      fc.constantFrom(1, 16, 64, 1024),
      (timeline, high, low, megabytes) => {
        const size = megabytes * mebibyte;
        const lsn = `${high.toString(16)}/${low.toString(16)}`;
        const next = lsnToBigInt(lsn) + BigInt(size);
        const nextLsn = `${(next >> 32n).toString(16)}/${(next & 0xffffffffn).toString(16)}`;
        assert.equal(nextSegment(segmentOf(timeline, lsn, size), size), segmentOf(timeline, nextLsn, size));
        assert.equal(segmentOffset(lsn, size), low % size);
      },
    ),
  );
});

test('a range goes over the end of a log', () => {
  const range = segmentRange('0000000100000000000000FE', '000000010000000100000001', 16 * mebibyte);
  assert.deepEqual(
    [...range],
    ['0000000100000000000000FE', '0000000100000000000000FF', '000000010000000100000000', '000000010000000100000001'],
  );
});
