import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readlink, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { moveWal } from './walVolume.ts';

/** A data directory with WAL, and an empty volume that a pod sees through a link of its own. */
async function directories(t: TestContext) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'wal-')));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const pgData = join(folder, 'pgdata');
  await mkdir(join(pgData, 'pg_wal'), { recursive: true });
  await writeFile(join(pgData, 'pg_wal', 'segment'), 'wal');
  await mkdir(join(folder, 'volume'));
  await symlink(join(folder, 'volume'), join(folder, 'mount'));
  return { pgData, volume: join(folder, 'volume'), mount: join(folder, 'mount'), link: join(pgData, 'pg_wal') };
}

test('WAL is moved, and the link holds without the mount of this pod', async (t) => {
  const { pgData, volume, mount, link } = await directories(t);
  assert.equal(await moveWal(pgData, mount), true);
  await rm(mount);
  assert.equal(await readlink(link), join(volume, 'pg_wal'));
  assert.equal(await readFile(join(link, 'segment'), 'utf8'), 'wal');
  await symlink(volume, mount);
  assert.equal(await moveWal(pgData, mount), false);
});

test('a link to a place that is gone is set right', async (t) => {
  const { pgData, volume, mount, link } = await directories(t);
  await moveWal(pgData, mount);
  await rm(link);
  await symlink('/gone/pg_wal', link);
  assert.equal(await moveWal(pgData, mount), true);
  assert.equal(await readlink(link), join(volume, 'pg_wal'));
});

test('a move that was cut off before the link is completed', async (t) => {
  const { pgData, volume, mount, link } = await directories(t);
  await moveWal(pgData, mount);
  await rm(link);
  assert.equal(await moveWal(pgData, mount), true);
  assert.equal(await readFile(join(link, 'segment'), 'utf8'), 'wal');
  assert.equal(await readlink(link), join(volume, 'pg_wal'));
});
