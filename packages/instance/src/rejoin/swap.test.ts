import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isMarked, setMark } from './mark.ts';
import { copyDirectory, finishSwap, swapIn } from './swap.ts';

async function directories(t: { after(work: () => Promise<void>): void }) {
  const folder = await mkdtemp(join(tmpdir(), 'swap-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const pgData = join(folder, 'pgdata');
  for (const [path, content] of [
    [pgData, 'old'],
    [copyDirectory(pgData), 'new'],
  ] as const) {
    await mkdir(path);
    await writeFile(join(path, 'x'), content);
  }
  return { folder, pgData, content: () => readFile(join(pgData, 'x'), 'utf8') };
}

test('a complete copy takes the place of the data directory', async (t) => {
  const { folder, pgData, content } = await directories(t);
  await swapIn(pgData);
  assert.equal(await content(), 'new');
  assert.deepEqual(await readdir(folder), ['pgdata']);
  assert.deepEqual(await readdir(pgData), ['x']);
});

test('an incomplete copy is removed', async (t) => {
  const { folder, pgData, content } = await directories(t);
  await finishSwap(pgData);
  assert.equal(await content(), 'old');
  assert.deepEqual(await readdir(folder), ['pgdata']);
});

test('a swap that was cut off between its renames is finished', async (t) => {
  const { folder, pgData, content } = await directories(t);
  await writeFile(join(copyDirectory(pgData), '.copy-complete'), '');
  await rename(pgData, `${pgData}.former`);
  await finishSwap(pgData);
  assert.equal(await content(), 'new');
  assert.deepEqual(await readdir(folder), ['pgdata']);
});

test('a mark that a crash left beside complete data goes, and one beside a part stays', async (t) => {
  const { pgData } = await directories(t);
  await setMark(pgData);
  await finishSwap(pgData);
  assert.ok(await isMarked(pgData));
  await writeFile(join(pgData, 'standby.signal'), '');
  await finishSwap(pgData);
  assert.ok(!(await isMarked(pgData)));
});
