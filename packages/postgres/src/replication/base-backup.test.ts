import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readControlData } from '../control/read.ts';
import { connectToServer } from '../protocol/connect.ts';
import { promote } from '../server/promote.ts';
import { checkReadiness, socketPath } from '../server/ready.ts';
import { withSuperuser } from '../sql.ts';
import {
  dropPrivileges,
  makeDataDirectory,
  makeScratch,
  runServer,
  type TestServer,
  usePostgres,
} from '../testing/server.ts';
import { takeBaseBackup } from './base-backup.ts';
import { identifySystem, showSetting, timelineHistory } from './session.ts';

dropPrivileges();
usePostgres();

const never = new AbortController().signal;

describe('a base backup of a running server', { timeout: 60_000 }, () => {
  const scratch = makeScratch();
  let source: TestServer;
  const at = (name: string) => join(scratch.path, name);
  const sql = async (server: TestServer, text: string): Promise<unknown[]> =>
    withSuperuser(
      { socketDirectory: server.socketDirectory, database: 'postgres', applicationName: 'test' },
      async (client) => (await client.query({ text, rowMode: 'array' })).rows.flat(),
    );

  before(async () => {
    source = await runServer(scratch.path, await makeDataDirectory(scratch.path, 'source'));
    mkdirSync(at('space'), { mode: 0o700 });
    await sql(source, `CREATE TABLESPACE extra LOCATION '${at('space')}'`);
    await sql(source, 'CREATE TABLE plain AS SELECT generate_series(1, 20000) AS n');
    await sql(source, 'CREATE TABLE spaced TABLESPACE extra AS SELECT generate_series(1, 5000) AS n');
  });
  after(async () => {
    await source.stop();
    await scratch.remove();
  });

  it('gives a server with the same data, its WAL and tablespaces where they were told to go', async () => {
    const progress: number[] = [];
    const result = await takeBaseBackup(
      {
        connection: source.connection,
        label: "it's a test",
        pgData: at('copy'),
        walDirectory: at('copy-wal'),
        relocate: () => at('copy-space'),
        checkpoint: 'fast',
        slot: 'test_copy',
        onProgress: ({ receivedBytes }) => progress.push(receivedBytes),
      },
      never,
    );
    assert.equal(result.slotUsed, true);
    assert.ok(result.end.lsn > result.start.lsn);
    assert.equal(progress.at(-1), result.receivedBytes);
    assert.equal(readlinkSync(at('copy/pg_wal')), at('copy-wal'));
    assert.equal(statSync(at('copy')).mode & 0o777, 0o700);
    assert.equal(statSync(at('copy/global/pg_control')).mode & 0o777, 0o600);
    const [tablespace] = result.tablespaces;
    assert.equal(readlinkSync(at(`copy/pg_tblspc/${tablespace?.oid}`)), at('copy-space'));
    assert.match(readFileSync(at('copy/backup_label'), 'utf8'), /LABEL: it's a test/);

    const copy = await runServer(scratch.path, at('copy'));
    try {
      assert.deepEqual(await sql(copy, 'SELECT count(*)::int, sum(n)::int FROM plain'), [20000, 200010000]);
      assert.deepEqual(await sql(copy, 'SELECT count(*)::int FROM spaced'), [5000]);
      assert.deepEqual(await sql(source, 'SELECT count(*)::int FROM pg_replication_slots'), [0]);
      assert.equal((await readControlData(at('copy'))).systemIdentifier, result.source.systemIdentifier);
    } finally {
      await copy.stop();
    }
  });

  it('can be made a standby, follows, and is promoted to the next timeline', async () => {
    const request = {
      connection: source.connection,
      label: 'standby',
      pgData: at('standby'),
      checkpoint: 'fast',
      slot: 'test_standby',
    } as const;
    await takeBaseBackup({ ...request, relocate: () => at('standby-space') }, never);
    writeFileSync(at('standby/standby.signal'), '');
    writeFileSync(
      at('standby/postgresql.auto.conf'),
      `primary_conninfo = 'host=${source.socketDirectory} user=postgres'\n`,
    );
    const standby = await runServer(scratch.path, at('standby'));
    try {
      assert.deepEqual(await sql(standby, 'SELECT pg_is_in_recovery()'), [true]);
      await promote(at('standby'), standby.server.pid, 20_000);
      assert.deepEqual(await sql(standby, 'SELECT pg_is_in_recovery()'), [false]);
      assert.equal(await checkReadiness(socketPath(standby.socketDirectory), 2000), 'accepting');
      const connection = await connectToServer(standby.connection, 'replication', never);
      const identity = await identifySystem(connection);
      assert.equal(identity.timeline, 2);
      assert.equal((await timelineHistory(connection, 2))[0]?.timeline, 1);
      assert.equal(await showSetting(connection, 'wal_segment_size'), '16MB');
      connection.close();
    } finally {
      await standby.stop();
    }
    assert.equal(await checkReadiness(socketPath(standby.socketDirectory), 2000), 'no response');
  });

  it('refuses a directory that holds something', async () => {
    mkdirSync(at('occupied'));
    writeFileSync(at('occupied/file'), '');
    const request = {
      connection: source.connection,
      label: 'x',
      pgData: at('occupied'),
      checkpoint: 'fast',
      slot: 'x',
    } as const;
    await assert.rejects(takeBaseBackup(request, never), /is not empty/);
  });

  it('ends at once when it is aborted, and the server is free of it', async () => {
    const abort = new AbortController();
    const request = {
      connection: source.connection,
      label: 'x',
      pgData: at('aborted'),
      relocate: () => at('aborted-space'),
      checkpoint: 'fast',
      slot: 'test_aborted',
      onProgress: () => abort.abort(),
    } as const;
    await assert.rejects(takeBaseBackup(request, abort.signal));
    assert.equal(existsSync(at('aborted/backup_manifest')), false);
    rmSync(at('aborted'), { recursive: true });
    await sql(source, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_replication WHERE state = 'backup'");
    assert.equal(lstatSync(at('source')).isDirectory(), true);
  });

  it('says which host could not be reached, and why', async () => {
    const connection = { host: '127.0.0.1', port: '1', user: 'postgres' };
    await assert.rejects(connectToServer(connection, 'database', never), /127\.0\.0\.1:1: .*ECONNREFUSED/);
  });
});
