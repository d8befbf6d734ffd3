import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { offsetSince, parseTimes, readLog, timeAt } from './log-reader.ts';
import { keepLog, logPath, timesPath } from './logs.ts';

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'matriarch-log-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const plain = { follow: false, timestamps: false, tailLines: undefined, sinceTime: undefined, limitBytes: undefined };

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

const never = new AbortController().signal;

test('bytes have the time of the mark before them', () => {
  const marks = parseTimes('0 100\n10 200\nbroken\n30 300\n');
  assert.deepEqual([timeAt(marks, 0), timeAt(marks, 9), timeAt(marks, 10), timeAt(marks, 99)], [100, 100, 200, 300]);
  assert.deepEqual([offsetSince(marks, 150, 50), offsetSince(marks, 301, 50)], [10, 50]);
});

test('tail, since and timestamps', async (t) => {
  const path = directory(t);
  writeFileSync(logPath(path, 0), 'one\ntwo\nthree\n');
  writeFileSync(timesPath(path, 0), '0 1000\n8 2000\n');
  const read = (options: object) => text(readLog(path, 0, { ...plain, ...options }, () => true, never));
  assert.equal(await read({}), 'one\ntwo\nthree\n');
  assert.equal(await read({ tailLines: 2 }), 'two\nthree\n');
  assert.equal(await read({ tailLines: 0 }), '');
  assert.equal(await read({ tailLines: 9 }), 'one\ntwo\nthree\n');
  assert.equal(await read({ sinceTime: 1500 }), 'three\n');
  assert.equal(await read({ timestamps: true, tailLines: 1 }), '1970-01-01T00:00:02.000000000Z three\n');
});

test('following gives what is written until the end', async (t) => {
  const path = directory(t);
  writeFileSync(logPath(path, 0), 'one\n');
  let ended = false;
  const lines: string[] = [];
  for await (const chunk of readLog(path, 0, { ...plain, follow: true }, () => ended, never)) {
    lines.push(chunk.toString());
    if (lines.length === 1) appendFileSync(logPath(path, 0), 'two\n');
    else ended = true;
  }
  assert.deepEqual(lines, ['one\n', 'two\n']);
});

test('a large log is rotated, old runs are dropped', async (t) => {
  const path = directory(t);
  writeFileSync(logPath(path, 0), 'older');
  writeFileSync(logPath(path, 1), 'previous');
  writeFileSync(logPath(path, 2), 'x'.repeat(100));
  keepLog(path, 2, { now: () => 5 }, 50).stop();
  appendFileSync(logPath(path, 2), 'y');
  assert.equal(readdirSync(path).includes('0.log'), false);
  assert.equal(await text(readLog(path, 1, plain, () => true, never)), 'previous');
  assert.equal(await text(readLog(path, 2, plain, () => true, never)), `${'x'.repeat(100)}y`);
});
