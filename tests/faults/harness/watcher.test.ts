import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGaps } from './gaps.ts';
import { note, type Reign } from './ledger.ts';
import { longestOverlap } from './watcher.ts';

test('spans that follow each other do not overlap', () => {
  const spans = [
    { who: 'c-1 on timeline 1', from: 0, to: 100 },
    { who: 'c-2 on timeline 2', from: 100, to: 200 },
    { who: 'c-1 on timeline 3', from: 205, to: 300 },
  ];
  assert.equal(longestOverlap(spans), undefined);
});

test('the longest overlap is found, in whatever order spans are known', () => {
  const spans = [
    { who: 'c-2 on timeline 2', from: 90, to: 200 },
    { who: 'c-1 on timeline 1', from: 0, to: 100 },
    { who: 'c-3 on timeline 2', from: 150, to: 400 },
  ];
  const expected = { first: 'c-2 on timeline 2', second: 'c-3 on timeline 2', from: 150, milliseconds: 50 };
  assert.deepEqual(longestOverlap(spans), expected);
  assert.deepEqual(longestOverlap(spans.toReversed()), expected);
});

test('an overlap that ended before is not told again', () => {
  const spans = [
    { who: 'a', from: 0, to: 100 },
    { who: 'b', from: 50, to: 200 },
  ];
  assert.equal(longestOverlap(spans, 100)?.milliseconds, 50);
  assert.equal(longestOverlap(spans, 101), undefined);
});

test('the longest gap is measured from a mark, and one that is still open counts', () => {
  let now = 0;
  const gaps = startGaps(() => now);
  now = 500;
  gaps.event();
  gaps.mark();
  now = 600;
  gaps.event();
  assert.deepEqual(gaps.longest(), { startedAt: 500, milliseconds: 100 });
  now = 900;
  assert.deepEqual(gaps.longest(), { startedAt: 600, milliseconds: 300 });
});

test('a reign goes from its first known row to its last written one', () => {
  const reigns = new Map<string, Reign>();
  const row = { timeline: '00000002', host: '127.0.0.9', lsn: '0/10', at: 1 };
  note(reigns, row);
  note(reigns, { ...row, lsn: '0/30', at: 3 });
  note(reigns, { ...row, lsn: '0/20', at: 2 });
  const [reign] = [...reigns.values()];
  assert.deepEqual([reigns.size, reign?.rows, reign?.lastWritten, reign?.lastLsn], [1, 3, 3, '0/30']);
});
