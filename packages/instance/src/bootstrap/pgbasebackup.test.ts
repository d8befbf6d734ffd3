import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Cluster } from '@matriarch/api';
import { ConnectionFailure, readControlData, withSuperuser } from '@matriarch/postgres';
import {
  dropPrivileges,
  freePort,
  makeDataDirectory,
  makeScratch,
  runServer,
  type TestServer,
  usePostgres,
} from '@matriarch/postgres/testing';
import { copyExternalCluster } from './pgbasebackup.ts';
import { makePod } from './testing/job.ts';

dropPrivileges();
usePostgres();

describe('a cluster copied from a server outside', { timeout: 60_000 }, () => {
  const scratch = makeScratch();
  let source: TestServer;
  let port: string;

  const clusterWith = (more: object, parameters: Record<string, string> = {}): Cluster => ({
    metadata: { name: 'pg', namespace: 'default' },
    spec: {
      instances: 1,
      storage: { size: '1Gi' },
      bootstrap: { pg_basebackup: { source: 'old', database: 'app', owner: 'app' } },
      externalClusters: [
        {
          name: 'old',
          connectionParameters: { host: '127.0.0.1', port, user: 'copier', sslmode: 'disable', ...parameters },
          password: { name: 'old-password', key: 'password' },
        },
      ],
      ...more,
    },
  });
  const podFor = (instance: string, cluster: Cluster) =>
    makePod({ scratch: scratch.path, instance, cluster, secrets: { 'old-password': { password: 'se:cret' } } });
  const sql = (socketDirectory: string, text: string, socketPort = 5432): Promise<unknown[]> =>
    withSuperuser(
      { socketDirectory, port: socketPort, database: 'postgres', applicationName: 'test' },
      async (client) => (await client.query({ text, rowMode: 'array' })).rows.flat(),
    );

  before(async () => {
    port = String(await freePort());
    const pgData = await makeDataDirectory(scratch.path, 'source', { work_mem: '9MB' });
    writeFileSync(join(pgData, 'pg_hba.conf'), 'local all all trust\nhost replication copier all scram-sha-256\n');
    writeFileSync(join(pgData, 'cnpg_initialized-old-1'), '');
    source = await runServer(scratch.path, pgData, { listen_addresses: '127.0.0.1', port });
    await sql(source.socketDirectory, "CREATE ROLE copier LOGIN REPLICATION PASSWORD 'se:cret'", Number(port));
    await sql(source.socketDirectory, 'CREATE TABLE kept AS SELECT 42 AS n', Number(port));
  });
  after(async () => {
    await source.stop();
    await scratch.remove();
  });

  it('has its data, our configuration and the application database', async () => {
    const pod = podFor('pg-1', clusterWith({}));
    await copyExternalCluster(pod.job('pgbasebackup'));
    assert.equal(existsSync(join(pod.pgData, 'standby.signal')), false);
    assert.equal(existsSync(join(pod.pgData, 'cnpg_initialized-old-1')), false);
    assert.ok(existsSync(join(pod.pgData, '.check-empty-wal-archive')));
    assert.equal((await readControlData(pod.pgData)).state, 'shut down');
    const settings = { ssl: 'off', logging_collector: 'off', archive_command: '', unix_socket_directories: pod.root };
    const copy = await runServer(scratch.path, pod.pgData, settings);
    try {
      assert.deepEqual(await sql(pod.root, 'SELECT n FROM kept'), [42]);
      assert.deepEqual(await sql(pod.root, "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'app'"), [
        'app',
      ]);
      assert.deepEqual(await sql(pod.root, 'SHOW cluster_name'), ['pg']);
    } finally {
      await copy.stop();
    }
  });

  it('follows the server when it is its replica, with the password in a file of its own', async () => {
    const pod = podFor('pg-2', clusterWith({ replica: { enabled: true, source: 'old' } }));
    await copyExternalCluster(pod.job('pgbasebackup'));
    assert.ok(existsSync(join(pod.pgData, 'standby.signal')));
    const override = readFileSync(join(pod.pgData, 'override.conf'), 'utf8');
    assert.match(override, /primary_conninfo = '.*user=copier/);
    assert.match(override, /passfile=/);
    assert.doesNotMatch(override, /se:cret/);
  });

  it('says why the source cannot be copied', async () => {
    const cluster = clusterWith({ externalClusters: [{ name: 'old', connectionParameters: {} }] });
    await assert.rejects(
      copyExternalCluster(podFor('pg-3', cluster).job('pgbasebackup')),
      /has no connectionParameters/,
    );
    const abort = new AbortController();
    const job = podFor('pg-4', clusterWith({}, { user: 'nobody' })).job('pgbasebackup', [], abort.signal);
    const warned: object[] = [];
    const logger = {
      ...job.logger,
      error: () => {},
      info: () => {},
      debug: () => {},
      warn: (fields: object) => {
        warned.push(fields);
        abort.abort();
      },
    };
    await assert.rejects(
      copyExternalCluster({ ...job, logger }),
      (error: Error) => !(error instanceof ConnectionFailure),
    );
    assert.match(JSON.stringify(warned), /no pg_hba.conf entry for replication connection/);
  });
});
