import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatLsn, isLsn, parseLsn } from './lsn.ts';
import { nextSegmentName, parseSegmentName, segmentName, segmentNameAt, segmentStart } from './segment.ts';
import { formatHistory, historyFileName, isOnHistory, parseHistory, timelineOfHistoryFile } from './timeline.ts';

const lsn = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const size = fc.integer({ min: 20, max: 30 }).map((bits) => 2 ** bits);
const timeline = fc.integer({ min: 1, max: 0xffffffff });

describe('WAL positions', () => {
  it('are printed without padding, in upper case', () => {
    assert.equal(formatLsn(parseLsn('0/3000028')), '0/3000028');
    assert.equal(formatLsn(parseLsn('a1/ff')), 'A1/FF');
    assert.equal(parseLsn('1/0'), 2n ** 32n);
  });

  it('survive printing and reading', () => {
    fc.assert(fc.property(lsn, (value) => assert.equal(parseLsn(formatLsn(value)), value)));
  });

  it('refuse what is no position', () => {
    for (const text of ['', '0', '0/', '/1', '0/123456789', 'g/1', ' 0/1', '0/1\n']) {
      assert.equal(isLsn(text), false, text);
      assert.throws(() => parseLsn(text), /not a WAL position/);
    }
  });
});

describe('WAL segments', () => {
  it('have the names PostgreSQL gives them', () => {
    assert.equal(segmentNameAt(1, parseLsn('0/3000028'), 2 ** 24), '000000010000000000000003');
    assert.equal(segmentNameAt(2, parseLsn('A1/FF000000'), 2 ** 24), '00000002000000A1000000FF');
    assert.equal(segmentNameAt(1, parseLsn('1/40000000'), 2 ** 30), '000000010000000100000001');
    assert.equal(nextSegmentName('00000001000000A1000000FF', 2 ** 24), '00000001000000A200000000');
    assert.equal(nextSegmentName('000000010000000000000003', 2 ** 30), '000000010000000100000000');
  });

  it('hold the position they are named after', () => {
    fc.assert(
      fc.property(timeline, lsn, size, (tli, position, bytes) => {
        const segment = parseSegmentName(segmentNameAt(tli, position, bytes), bytes);
        const start = segmentStart(segment, bytes);
        assert.equal(segment.timeline, tli);
        assert.ok(start <= position && position < start + BigInt(bytes));
      }),
    );
  });

  it('follow one another in number and in name', () => {
    fc.assert(
      fc.property(timeline, fc.bigInt({ min: 0n, max: 2n ** 33n }), size, (tli, number, bytes) => {
        const name = segmentName({ timeline: tli, number }, bytes);
        const next = nextSegmentName(name, bytes);
        assert.equal(parseSegmentName(next, bytes).number, number + 1n);
        assert.ok(next > name);
      }),
    );
  });

  it('refuse names and sizes that cannot be', () => {
    assert.throws(() => parseSegmentName('000000010000000000000100', 2 ** 24), /cannot exist/);
    assert.throws(() => parseSegmentName('00000001000000000000000', 2 ** 24), /24 upper-case/);
    assert.throws(() => segmentNameAt(1, 0n, 3 * 2 ** 20), /power of two/);
  });
});

describe('timeline history', () => {
  const text = '1\t0/3000000\tno recovery target specified\n# a comment\n\n3\t0/5000060\tafter LSN 0/5000060\n';

  it('is read with its reasons, and printed again', () => {
    const history = parseHistory(text);
    assert.deepEqual(history, [
      { timeline: 1, switchedAt: 0x3000000n, reason: 'no recovery target specified' },
      { timeline: 3, switchedAt: 0x5000060n, reason: 'after LSN 0/5000060' },
    ]);
    assert.deepEqual(parseHistory(formatHistory(history)), history);
  });

  it('tells who can follow: only up to the point where the timeline was left', () => {
    const history = parseHistory(text);
    assert.equal(isOnHistory(history, 4, 4, 2n ** 60n), true);
    assert.equal(isOnHistory(history, 4, 3, 0x5000060n), true);
    assert.equal(isOnHistory(history, 4, 3, 0x5000061n), false);
    assert.equal(isOnHistory(history, 4, 2, 1n), false);
  });

  it('refuses lines out of order or without a position', () => {
    assert.throws(() => parseHistory('2\t0/1\tx\n1\t0/2\ty\n'), /must rise/);
    assert.throws(() => parseHistory('1\tnowhere\n'), /not a WAL position/);
    assert.throws(() => parseHistory('x\t0/1\n'), /timeline number/);
  });

  it('names its files', () => {
    assert.equal(historyFileName(26), '0000001A.history');
    assert.equal(timelineOfHistoryFile('0000001A.history'), 26);
    assert.equal(timelineOfHistoryFile('0000001a.history'), undefined);
  });
});
