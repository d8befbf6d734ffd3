import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createRestorer } from './restorer.ts';

async function fixture(t: TestContext, strict: boolean) {
  const folder = await mkdtemp(join(tmpdir(), 'restorer-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const asked: string[] = [];
  let time = 0;
  let fails = true;
  const restorer = createRestorer({
    spool: join(folder, 'spool'),
    maxParallel: 1,
    lastTimeline: 0,
    strict,
    segmentSize: async () => 16 * 1024 * 1024,
    async fetch(name, _, patience) {
      asked.push(name);
      assert.equal(patience === undefined, strict, 'only a standby has limited patience');
      if (fails) throw new Error('no answer');
      return true;
    },
    now: () => time,
  });
  return {
    asked,
    ask: (name: string) => restorer.request(name, join(folder, name), false),
    repair: () => (fails = false),
    pass: (milliseconds: number) => (time += milliseconds),
  };
}

test('a store that does not answer is left alone for a moment', async (t) => {
  const { asked, ask, repair, pass } = await fixture(t, false);
  assert.equal(await ask('A'), 'error no answer');
  assert.equal(await ask('B'), 'error no answer');
  assert.deepEqual(asked, ['A']);
  pass(10_001);
  repair();
  assert.equal(await ask('B'), 'ok');
});

test('a recovery asks every time, and a failure is no end of the WAL', async (t) => {
  const { asked, ask } = await fixture(t, true);
  assert.equal(await ask('A'), 'abort no answer');
  assert.equal(await ask('A'), 'abort no answer');
  assert.deepEqual(asked, ['A', 'A']);
});
