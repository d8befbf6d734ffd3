import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, renderReport } from './report.ts';
import { piecesOf } from './report-timeline.ts';
import type { FaultResult } from './result.ts';

const result: FaultResult = {
  number: 1,
  kind: 'kill -9 of <postgres>',
  group: 'kill',
  about: 'c-1',
  startedAt: 1000,
  healedMs: 4000,
  outage: { startedAt: 1200, milliseconds: 900 },
  acknowledged: 1234,
  lost: 0,
  unknown: 2,
  primaries: ['c-1', 'c-2'],
  overlapMs: 0,
  problems: [],
};

test('the median of an even number is between the two in the middle', () => {
  assert.deepEqual([median([]), median([3]), median([1, 9, 2]), median([4, 1, 2, 3])], [0, 3, 2, 2.5]);
});

test('a span goes on in the next line', () => {
  assert.deepEqual(
    piecesOf(290_000, 320_000).map(({ line, width }) => [line, Math.round(width)]),
    [
      [0, 37],
      [1, 73],
    ],
  );
});

test('the page has what happened, and nothing from elsewhere', () => {
  const bad = { ...result, number: 2, lost: 3, problems: ['3 rows are lost'] };
  const page = renderReport({ seed: 4, startedAt: 0, endedAt: 60_000, leftOut: ['no disk'], results: [result, bad] });
  for (const text of ['2 faults of seed 4', 'no disk', '3 rows are lost', '&#60;postgres&#62;', 'c-1 → c-2'])
    assert.ok(page.includes(text), text);
  assert.doesNotMatch(page, /(?:src|href)=|url\(|@import|<script/);
});
