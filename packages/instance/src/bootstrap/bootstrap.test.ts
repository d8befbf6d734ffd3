import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Cluster } from '@matriarch/api';
import { readControlData, withSuperuser } from '@matriarch/postgres';
import {
  dropPrivileges,
  freePort,
  makeCertificates,
  makeScratch,
  runServer,
  type TestServer,
  usePostgres,
} from '@matriarch/postgres/testing';
import { initCluster } from './init.ts';
import { joinCluster } from './join.ts';
import { stagingDirectory } from './targets.ts';
import { clusterSecrets, makePod, type TestPod } from './testing/job.ts';

dropPrivileges();
usePostgres();

const cluster: Cluster = {
  metadata: { name: 'pg', namespace: 'default' },
  spec: {
    instances: 2,
    storage: { size: '1Gi' },
    postgresql: { parameters: { shared_buffers: '16MB', work_mem: '5MB' } },
    bootstrap: { initdb: { database: 'app', owner: 'app' } },
  },
};

describe('the bootstrap of a cluster', { timeout: 60_000 }, () => {
  const scratch = makeScratch();
  let primary: TestPod;
  let standby: TestPod;
  let port: string;
  let server: TestServer | undefined;

  const sql = (running: TestServer, database: string, text: string): Promise<unknown[]> =>
    withSuperuser(
      { socketDirectory: running.socketDirectory, port: Number(port), database, applicationName: 'test' },
      async (client) => (await client.query({ text, rowMode: 'array' })).rows.flat(),
    );
  /** As the manager would, but with its certificates alone and without its archiver. */
  const start = (pod: TestPod, tcpPort: string, more: Record<string, string> = {}): Promise<TestServer> =>
    runServer(scratch.path, pod.pgData, {
      listen_addresses: '127.0.0.1',
      port: tcpPort,
      unix_socket_directories: join(pod.root, 'controller/run'),
      logging_collector: 'off',
      log_destination: 'stderr',
      archive_command: 'true',
      restore_command: 'false',
      ...more,
    }).then((running) => ({ ...running, socketDirectory: join(pod.root, 'controller/run') }));

  before(async () => {
    port = String(await freePort());
    const secrets = clusterSecrets(await makeCertificates());
    const common = { scratch: scratch.path, cluster, secrets, serviceAddress: '127.0.0.1' };
    primary = makePod({ ...common, instance: 'pg-1' });
    standby = makePod({ ...common, instance: 'pg-2' });
    for (const pod of [primary, standby]) {
      const certificates = join(pod.root, 'controller/certificates');
      const files = {
        'client-ca.crt': 'pg-ca/ca.crt',
        'server.crt': 'pg-server/tls.crt',
        'server.key': 'pg-server/tls.key',
      };
      for (const [file, from] of Object.entries(files)) {
        const [secret = '', key = ''] = from.split('/');
        writeFileSync(join(certificates, file), secrets[secret]?.[key] ?? '', { mode: 0o600 });
      }
    }
  });
  after(async () => {
    await server?.stop();
    await scratch.remove();
  });

  it('makes a server with role, database and the SQL of the user', async () => {
    mkdirSync(join(primary.root, 'etc/post-init-application-sql'), { recursive: true });
    writeFileSync(
      join(primary.root, 'etc/post-init-application-sql/0.sql'),
      'INSERT INTO notes VALUES (2); INSERT INTO notes VALUES (3);',
    );
    const flags = [
      ['--initdb-flags', '-k --encoding=UTF8 --lc-collate=C --lc-ctype=C --wal-segsize=1'],
      ['--app-db-name', 'app'],
      ['--app-user', 'app'],
      ['--post-init-sql', `'CREATE ROLE reader'`],
      ['--post-init-template-sql', `'CREATE TABLE everywhere (n int)'`],
      ['--post-init-application-sql', `'CREATE TABLE notes (n int)' 'INSERT INTO notes VALUES (1)'`],
      ['--post-init-application-sql-refs-folder', '/etc/post-init-application-sql'],
    ].flat();
    await initCluster(primary.job('initdb', flags));
    assert.equal(readlinkSync(join(primary.pgData, 'pg_wal')), primary.walDirectory);
    assert.ok(existsSync(join(primary.pgData, '.check-empty-wal-archive')));
    assert.match(readFileSync(join(primary.pgData, 'custom.conf'), 'utf8'), /^work_mem = '5MB'$/m);
    assert.match(readFileSync(join(primary.pgData, 'override.conf'), 'utf8'), /application_name=pg-1 /);
    const control = await readControlData(primary.pgData);
    assert.deepEqual([control.state, control.segmentSize, control.dataChecksumVersion], ['shut down', 1024 * 1024, 1]);
    writeFileSync(
      join(primary.pgData, 'pg_hba.conf'),
      'local all all trust\nhostssl replication streaming_replica all cert\n',
    );
    server = await start(primary, port);
    assert.deepEqual(await sql(server, 'app', 'SELECT array_agg(n ORDER BY n) FROM notes'), [[1, 2, 3]]);
    assert.deepEqual(await sql(server, 'app', 'SELECT count(*)::int FROM everywhere'), [0]);
    assert.deepEqual(await sql(server, 'app', "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'app'"), [
      'app',
    ]);
    assert.deepEqual(
      await sql(server, 'app', "SELECT rolcanlogin FROM pg_roles WHERE rolname IN ('app', 'reader') ORDER BY rolname"),
      [true, false],
    );
    await sql(server, 'postgres', 'CREATE ROLE streaming_replica LOGIN REPLICATION');
  });

  it('joins a standby over TLS, which then follows', async () => {
    const source = server ?? assert.fail('there is no primary');
    // The port is fixed on Kubernetes; here a test must not take it.
    await joinCluster(standby.job('join', ['--parent-node', 'pg-rw']), { port });
    assert.ok(existsSync(join(standby.pgData, 'standby.signal')));
    assert.equal(existsSync(join(standby.pgData, '.check-empty-wal-archive')), false);
    assert.equal(readlinkSync(join(standby.pgData, 'pg_wal')), standby.walDirectory);
    const override = readFileSync(join(standby.pgData, 'override.conf'), 'utf8');
    assert.match(override, /primary_slot_name = '_cnpg_pg_2'/);
    assert.match(override, /application_name=pg-2 /);
    assert.deepEqual(await sql(source, 'postgres', 'SELECT count(*)::int FROM pg_replication_slots'), [0]);
    const conninfo = /primary_conninfo = '(.*)'/
      .exec(override)?.[1]
      ?.replaceAll("''", "'")
      .replace('port=5432', `port=${port}`);
    const follower = await start(standby, String(await freePort()), {
      primary_conninfo: conninfo ?? '',
      primary_slot_name: '',
    });
    try {
      const deadline = performance.now() + 10_000;
      let name: unknown;
      while (name === undefined && performance.now() < deadline) {
        [name] = await sql(source, 'app', 'SELECT application_name FROM pg_stat_replication');
      }
      assert.equal(name, 'pg-2');
    } finally {
      await follower.stop();
    }
    assert.equal(
      (await readControlData(standby.pgData)).systemIdentifier,
      (await readControlData(primary.pgData)).systemIdentifier,
    );
  });

  it('keeps a usable data directory under another name, and removes an unfinished one', async () => {
    await server?.stop();
    server = undefined;
    const before = (await readControlData(primary.pgData)).systemIdentifier;
    await initCluster(primary.job('initdb', ['--initdb-flags', '--encoding=UTF8']));
    const folder = join(primary.pgData, '..');
    const kept = readdirSync(folder).filter((name) => name.startsWith('pgdata_'));
    assert.equal(kept.length, 1);
    const keptData = join(folder, kept[0] ?? '');
    assert.equal((await readControlData(keptData)).systemIdentifier, before);
    assert.ok(existsSync(join(keptData, 'pg_wal', 'archive_status')), 'its WAL went with it');
    assert.notEqual((await readControlData(primary.pgData)).systemIdentifier, before);

    writeFileSync(join(primary.pgData, 'global/pg_control'), 'damaged');
    mkdirSync(stagingDirectory(primary.pgData));
    await initCluster(primary.job('initdb', ['--initdb-flags', '--encoding=UTF8']));
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('pgdata_')),
      kept,
    );
    assert.equal(existsSync(stagingDirectory(primary.pgData)), false);
  });

  it('tells which SQL of the user failed, and leaves no data directory', async () => {
    const pod = makePod({ scratch: scratch.path, cluster, secrets: {}, instance: 'pg-9' });
    const flags = ['--app-db-name', 'app', '--app-user', 'app', '--post-init-sql', "'SELECT 1' 'SELECT nonsense'"];
    await assert.rejects(initCluster(pod.job('initdb', flags)), /SQL number 2 of 2 for database "postgres" failed/);
    assert.equal(existsSync(pod.pgData), false);
  });
});
