import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  applyRetention,
  archiveWal,
  chooseBackup,
  type DataOptions,
  readCatalogue,
  restoreBaseBackup,
  restoreWal,
  takeBaseBackup,
} from '@matriarch/objectstore';
import {
  dropPrivileges,
  makeDataDirectory,
  makeScratch,
  runServer,
  type TestServer,
  usePostgres,
} from '@matriarch/postgres/testing';
import pg from 'pg';
import { startStore } from './fixture.ts';

dropPrivileges();
usePostgres();

/** One session on a server; closed after the test. */
async function connect(t: TestContext, server: TestServer): Promise<pg.Client> {
  const client = new pg.Client({ host: server.socketDirectory, user: 'postgres', database: 'postgres' });
  // The server is stopped while tests still hold sessions.
  client.on('error', () => undefined);
  await client.connect();
  t.after(() => client.end());
  return client;
}

/** Starts a server that archives by copying to `folder`. */
async function startArchiving(t: TestContext, scratch: string, folder: string): Promise<TestServer> {
  await mkdir(folder);
  const pgData = await makeDataDirectory(scratch, 'data', {
    archive_mode: 'on',
    archive_command: `cp %p ${folder}/%f`,
    wal_level: 'replica',
  });
  const server = await runServer(scratch, pgData);
  t.after(() => server.stop());
  return server;
}

/** A server in recovery takes readers as soon as it is consistent; this waits for the end of the WAL. */
async function recoveryEnded(client: pg.Client): Promise<void> {
  for (let rest = 400; rest > 0; rest -= 1) {
    const { rows } = await client.query<{ going: boolean }>('SELECT pg_is_in_recovery() AS going');
    if (rows[0]?.going === false) return;
    await delay(50);
  }
  throw new Error('the recovery has not ended');
}

for (const options of [
  { compression: 'gzip', immediateCheckpoint: true },
  { immediateCheckpoint: true },
] as DataOptions[]) {
  const form = options.compression ?? 'no compression';
  test(`a base backup with ${form} and the WAL after it give every row back`, async (t) => {
    const scratch = makeScratch();
    t.after(() => scratch.remove());
    const walFolder = join(scratch.path, 'wal');
    const server = await startArchiving(t, scratch.path, walFolder);
    const space = join(scratch.path, 'space');
    await mkdir(space, { mode: 0o700 });
    const client = await connect(t, server);
    await client.query(`CREATE TABLESPACE extra LOCATION '${space}'`);
    await client.query("CREATE TABLE before AS SELECT n, 'Curaçao' AS name FROM generate_series(1, 20000) n");
    await client.query('CREATE TABLE elsewhere TABLESPACE extra AS SELECT n FROM generate_series(1, 100) n');

    const archive = (await startStore(t)).open();
    const session = await connect(t, server);
    const taken = await takeBaseBackup({
      archive,
      backupName: 'backup-1',
      options,
      query: async (sql) => (await session.query(sql)).rows as Record<string, unknown>[],
      pgdata: server.pgData,
      now: () => new Date(),
    });
    await client.query('CREATE TABLE after AS SELECT n FROM generate_series(1, 7) n');
    await client.query('SELECT pg_switch_wal()');
    await client.query('CHECKPOINT');
    await server.stop();
    for (const name of await readdir(walFolder))
      await archiveWal(archive, join(walFolder, name), { compression: 'gzip' });

    const { backups, unreadable } = await readCatalogue(archive);
    assert.deepEqual(unreadable, []);
    const backup = chooseBackup(backups, {}, 's3://b/s');
    assert.equal(backup.backupId, taken.backupId);
    assert.equal(backup.tablespaces?.[0]?.name, 'extra');
    const restored = join(scratch.path, 'restored');
    const restoredSpace = join(scratch.path, 'restored-space');
    await restoreBaseBackup({ archive, backup, pgdata: restored, tablespaceLocation: () => restoredSpace });
    const fetched = join(scratch.path, 'fetched');
    await mkdir(fetched);
    for (const name of await readdir(walFolder)) assert.ok(await restoreWal(archive, name, join(fetched, name)));
    await writeFile(join(restored, 'recovery.signal'), '');
    await writeFile(join(restored, 'postgresql.auto.conf'), `restore_command = 'cp ${fetched}/%f %p'\n`);

    const recovered = await runServer(scratch.path, restored);
    t.after(() => recovered.stop());
    const reader = await connect(t, recovered);
    await recoveryEnded(reader);
    const { rows } = await reader.query(
      `SELECT (SELECT count(*) FROM before)::int AS before, (SELECT count(*) FROM elsewhere)::int AS elsewhere,
         (SELECT count(*) FROM after)::int AS after, (SELECT max(name) FROM before) AS name`,
    );
    assert.deepEqual(rows, [{ before: 20_000, elsewhere: 100, after: 7, name: 'Curaçao' }]);
    assert.match(await readFile(join(restored, 'backup_label.old'), 'utf8'), /Barman backup cloud/);
  });
}

test('a run that fails leaves a backup that says so and no archive; retention never removes it', async (t) => {
  const scratch = makeScratch();
  t.after(() => scratch.remove());
  const server = await startArchiving(t, scratch.path, join(scratch.path, 'wal'));
  const archive = (await startStore(t)).open();
  const session = await connect(t, server);
  const controller = new AbortController();
  await assert.rejects(
    takeBaseBackup({
      archive,
      backupName: 'cut-off',
      options: { immediateCheckpoint: true },
      query: async (sql) => {
        const { rows } = await session.query(sql);
        if (sql.includes('pg_backup_start')) controller.abort(new Error('told to stop'));
        return rows as Record<string, unknown>[];
      },
      pgdata: server.pgData,
      now: () => new Date(),
      signal: controller.signal,
    }),
    /told to stop/,
  );
  const { backups } = await readCatalogue(archive);
  assert.equal(backups.length, 1);
  assert.equal(backups[0]?.status, 'FAILED');
  assert.match(backups[0]?.error ?? '', /failure uploading data \(told to stop\)/);
  assert.throws(
    () => chooseBackup(backups, {}, 's3://b/s'),
    /no target backup found in s3:\/\/b\/s; finished backups there: none; correct/,
  );
  assert.deepEqual(await applyRetention(archive, '1d', new Date('2999-01-01')), []);
});
