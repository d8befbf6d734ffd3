import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertWhole, isMarked, removeMark, setMark } from './mark.ts';
import { lastError } from './rewind.ts';
import { findRewind } from './tool.ts';

async function folder(t: { after(work: () => Promise<void>): void }): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'rewind-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function fakeRewind(directory: string, body: string): Promise<string> {
  const program = join(directory, 'pg_rewind');
  await writeFile(program, `#!/bin/sh\n${body}\n`);
  await chmod(program, 0o755);
  return program;
}

test('pg_rewind is used in the version of the data only', async (t) => {
  const path = await folder(t);
  const environment = { PATH: path };
  assert.deepEqual(await findRewind(93, environment), { kind: 'missing' });
  const program = await fakeRewind(path, 'echo "pg_rewind (PostgreSQL) 93.2 (Debian 93.2-1)"');
  assert.deepEqual(await findRewind(93, environment), { kind: 'usable', program });
  assert.deepEqual(await findRewind(94, environment), { kind: 'other version', program, found: 93, wanted: 94 });
  await fakeRewind(path, 'exit 1');
  assert.deepEqual(await findRewind(93, environment), { kind: 'missing' }, 'one that does not run is none');
});

test('what went wrong is told in one line', () => {
  const text =
    'pg_rewind ended with code 1: pg_rewind: servers diverged at WAL location 0/3000000 on timeline 1\n' +
    'pg_rewind: error: could not open file "x/pg_wal/000000010000000000000002": No such file or directory\n' +
    'pg_rewind: detail: more';
  assert.equal(lastError(text), 'could not open file "x/pg_wal/000000010000000000000002": No such file or directory');
  assert.equal(lastError('spawn failed'), 'spawn failed');
});

test('marked data is not started as a primary', async (t) => {
  const pgData = join(await folder(t), 'pgdata');
  await assertWhole(pgData);
  await setMark(pgData);
  assert.ok(await isMarked(pgData));
  await assert.rejects(assertWhole(pgData), /is not whole/);
  await removeMark(pgData);
  await assertWhole(pgData);
});
