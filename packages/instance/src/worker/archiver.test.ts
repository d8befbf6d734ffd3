import assert from 'node:assert/strict';
import { access, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createArchiver } from './archiver.ts';

async function fixture(t: TestContext, ready: readonly string[], maxParallel = 3) {
  const folder = await mkdtemp(join(tmpdir(), 'archiver-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const spool = join(folder, 'spool');
  const status = join(folder, 'pg_wal', 'archive_status');
  await mkdir(spool);
  await mkdir(status, { recursive: true });
  for (const name of ready) await writeFile(join(status, `${name}.ready`), '');
  const uploaded: string[] = [];
  const failing = new Set<string>();
  let time = 0;
  const archiver = createArchiver({
    pgData: folder,
    spool,
    maxParallel,
    async upload(name) {
      uploaded.push(name);
      if (failing.has(name)) throw new Error('no store');
    },
    onArchived: () => undefined,
    onFailed: () => undefined,
    now: () => time,
  });
  return {
    archiver,
    uploaded,
    failing,
    marked: async () => (await readdir(spool)).sort(),
    done: async () => (await readdir(status)).sort(),
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

test('files are uploaded ahead, as many as allowed, and leave a marker that counts once', async (t) => {
  const { archiver, uploaded, marked } = await fixture(t, ['A', 'B', 'C', 'D']);
  await archiver.runAhead();
  assert.deepEqual(uploaded, ['A', 'B', 'C']);
  assert.deepEqual(await marked(), ['A', 'B', 'C']);
  await archiver.request('A');
  assert.deepEqual(uploaded.filter((name) => name === 'A').length, 1);
  assert.deepEqual(await marked(), ['B', 'C']);
});

test('a request that fails is told so, and nothing is uploaded ahead for a while', async (t) => {
  const { archiver, uploaded, failing, pass } = await fixture(t, ['A', 'B'], 1);
  failing.add('A');
  await assert.rejects(archiver.request('A'), /no store/);
  await archiver.runAhead();
  assert.deepEqual(uploaded, ['A']);
  pass(5001);
  failing.clear();
  await archiver.runAhead();
  assert.deepEqual(uploaded, ['A', 'A']);
});

test('a former primary archives all that waits and marks it done', async (t) => {
  const { archiver, uploaded, done } = await fixture(t, ['A', 'B']);
  assert.equal(await archiver.archiveAll(), 2);
  assert.deepEqual(uploaded, ['A', 'B']);
  assert.deepEqual(await done(), ['A.done', 'B.done']);
  await assert.rejects(access('A.ready'));
});
