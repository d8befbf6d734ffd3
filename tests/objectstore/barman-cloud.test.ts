import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import {
  archiveWal,
  isDone,
  readCatalogue,
  restoreBaseBackup,
  restoreWal,
  takeBaseBackup,
} from '@matriarch/objectstore';
import { dropPrivileges, makeDataDirectory, makeScratch, runServer, usePostgres } from '@matriarch/postgres/testing';
import pg from 'pg';
import { startStore } from './fixture.ts';

dropPrivileges();
usePostgres();

const run = promisify(execFile);
const present = await run('barman-cloud-backup-list', ['--version']).then(
  () => true,
  () => false,
);
const skip = present ? false : 'barman-cloud is not installed (Debian package barman-cli-cloud)';

type Fixture = Awaited<ReturnType<typeof startStore>>;

/** Runs a command of barman-cloud against the test's store. */
async function barman({ url, keys }: Fixture, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { stdout } = await run(`barman-cloud-${command}`, ['--endpoint-url', url, ...args], {
    env: {
      ...process.env,
      HOME: '/nonexistent',
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
      ...env,
    },
  });
  return stdout;
}

const destination = 's3://backups/x';

test('barman-cloud lists and restores a backup of ours', { skip }, async (t) => {
  const scratch = makeScratch();
  t.after(() => scratch.remove());
  const fixture = await startStore(t);
  const archive = fixture.open();
  const server = await runServer(scratch.path, await makeDataDirectory(scratch.path, 'data'));
  t.after(() => server.stop());
  const session = new pg.Client({ host: server.socketDirectory, user: 'postgres', database: 'postgres' });
  // The server is stopped while the session is still open.
  session.on('error', () => undefined);
  await session.connect();
  t.after(() => session.end());
  const taken = await takeBaseBackup({
    archive,
    backupName: 'backup-20260131101530',
    options: { compression: 'gzip', immediateCheckpoint: true },
    query: async (sql) => (await session.query(sql)).rows as Record<string, unknown>[],
    pgdata: server.pgData,
    now: () => new Date(),
  });
  const listed = JSON.parse(await barman(fixture, 'backup-list', ['--format', 'json', destination, 'prod'])) as {
    backups_list: Record<string, unknown>[];
  };
  assert.equal(listed.backups_list[0]?.backup_id, taken.backupId);
  assert.equal(listed.backups_list[0]?.status, 'DONE');
  assert.equal(listed.backups_list[0]?.begin_wal, taken.beginWal);
  const target = join(scratch.path, 'restored');
  await mkdir(target, { mode: 0o700 });
  await barman(fixture, 'restore', [destination, 'prod', taken.backupId, target]);
  const own = join(scratch.path, 'own');
  await restoreBaseBackup({ archive, backup: taken, pgdata: own });
  assert.deepEqual((await readdir(target)).sort(), (await readdir(own)).sort());
  for (const file of ['backup_label', 'PG_VERSION', 'global/pg_control']) {
    assert.ok((await readFile(join(target, file))).equals(await readFile(join(own, file))), file);
  }
});

test('WAL goes both ways', { skip }, async (t) => {
  const scratch = makeScratch();
  t.after(() => scratch.remove());
  const fixture = await startStore(t);
  const archive = fixture.open();
  const [ours, theirs] = ['000000010000000000000001', '000000010000000000000002'];
  const content = Buffer.concat([randomBytes(1024 * 1024), Buffer.alloc(15 * 1024 * 1024)]);
  for (const name of [ours, theirs]) await writeFile(join(scratch.path, name), content);
  await archiveWal(archive, join(scratch.path, ours), { compression: 'gzip' });
  const fetched = join(scratch.path, 'fetched');
  await barman(fixture, 'wal-restore', [destination, 'prod', ours, fetched]);
  assert.ok((await readFile(fetched)).equals(content));
  await barman(fixture, 'wal-archive', ['--gzip', destination, 'prod', join(scratch.path, theirs)]);
  assert.ok(await restoreWal(archive, theirs, fetched));
  assert.ok((await readFile(fetched)).equals(content));
});

test('a backup of barman-cloud is read and restored', { skip }, async (t) => {
  const scratch = makeScratch();
  t.after(() => scratch.remove());
  const fixture = await startStore(t);
  const server = await runServer(scratch.path, await makeDataDirectory(scratch.path, 'data'));
  t.after(() => server.stop());
  const connection = { PGHOST: server.socketDirectory, PGUSER: 'postgres' };
  await barman(fixture, 'backup', ['--gzip', '--immediate-checkpoint', destination, 'prod'], connection);
  const archive = fixture.open();
  const { backups, unreadable } = await readCatalogue(archive);
  assert.deepEqual(unreadable, []);
  const [backup] = backups;
  assert.ok(backup && isDone(backup));
  const target = join(scratch.path, 'restored');
  await restoreBaseBackup({ archive, backup, pgdata: target });
  assert.equal((await readFile(join(target, 'PG_VERSION'), 'utf8')).trim(), '17');
  assert.match(await readFile(join(target, 'backup_label'), 'utf8'), /START WAL LOCATION/);
});
