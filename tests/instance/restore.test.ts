import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Cluster } from '@matriarch/api';
import { createS3Server, generateKeys } from '@matriarch/local/s3';
import { archiveWal, openStore, type StoreConfig, takeBaseBackup } from '@matriarch/objectstore';
import { readControlData, withSuperuser } from '@matriarch/postgres';
import {
  dropPrivileges,
  makeDataDirectory,
  makeScratch,
  runServer,
  type TestServer,
  usePostgres,
} from '@matriarch/postgres/testing';
import { restoreFromArchive } from '../../packages/instance/src/bootstrap/restore.ts';
import { restoreFromSnapshot } from '../../packages/instance/src/bootstrap/restoresnapshot.ts';
import { makePod, type TestPod } from '../../packages/instance/src/bootstrap/testing/job.ts';

dropPrivileges();
usePostgres();

const keys = generateKeys();

describe('a cluster recovered from an object store', { timeout: 120_000 }, () => {
  const scratch = makeScratch();
  const at = (name: string) => join(scratch.path, name);
  let store: Awaited<ReturnType<typeof createS3Server>>;
  let config: StoreConfig;
  let targetTime: string;

  const ask = (server: TestServer, database: string, text: string): Promise<unknown[]> =>
    withSuperuser({ socketDirectory: server.socketDirectory, database, applicationName: 'test' }, async (client) =>
      (await client.query({ text, rowMode: 'array' })).rows.flat(),
    );

  before(async () => {
    const owner = { folder: at('store'), buckets: ['backups'], keys, roles: [], verifyToken: async () => undefined };
    store = await createS3Server(owner);
    const { url } = await store.listen('127.0.0.1', 0);
    const { accessKeyId, secretAccessKey } = keys;
    config = {
      destinationPath: 's3://backups/x/',
      serverName: 'origin',
      endpointUrl: url,
      credentials: { kind: 's3-keys', accessKeyId, secretAccessKey },
    };
    await fillArchive();
  });
  after(async () => {
    await store.close();
    await scratch.remove();
  });

  /** A source with a tablespace and a table that grows: one row in the backup, one before the target time, one after. */
  async function fillArchive(): Promise<void> {
    const walFolder = at('wal');
    mkdirSync(walFolder);
    const pgData = await makeDataDirectory(scratch.path, 'source', {
      archive_mode: 'on',
      archive_command: `cp %p ${walFolder}/%f`,
      wal_level: 'replica',
      max_connections: '133',
    });
    const server = await runServer(scratch.path, pgData);
    const space = join(scratch.path, 'source-root/var/lib/postgresql/tablespaces/extra/data');
    mkdirSync(space, { recursive: true, mode: 0o700 });
    await ask(server, 'postgres', `CREATE TABLESPACE extra LOCATION '${space}'`);
    await ask(server, 'postgres', 'CREATE TABLE rows TABLESPACE extra AS SELECT 1 AS n');
    const archive = openStore(config);
    const session = { socketDirectory: server.socketDirectory, database: 'postgres', applicationName: 'test' };
    await withSuperuser(session, async (client) => {
      await takeBaseBackup({
        archive,
        backupName: 'backup-1',
        options: { compression: 'gzip', immediateCheckpoint: true },
        query: async (sql) => (await client.query(sql)).rows as Record<string, unknown>[],
        pgdata: pgData,
        now: () => new Date(),
      });
    });
    await ask(server, 'postgres', 'INSERT INTO rows VALUES (2)');
    const [time] = await ask(
      server,
      'postgres',
      "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
    );
    targetTime = String(time);
    await ask(server, 'postgres', 'INSERT INTO rows VALUES (3)');
    await ask(server, 'postgres', 'SELECT pg_switch_wal()');
    await server.stop();
    for (const name of readdirSync(walFolder))
      await archiveWal(archive, join(walFolder, name), { compression: 'gzip' });
    archive.store.close();
  }

  function clusterWith(recovery: object, more: object = {}): Cluster {
    const name = 'store-keys';
    return {
      metadata: { name: 'pg', namespace: 'default' },
      spec: {
        instances: 1,
        storage: { size: '1Gi' },
        bootstrap: { recovery: { source: 'origin', database: 'app', owner: 'app', ...recovery } },
        externalClusters: [
          {
            name: 'origin',
            barmanObjectStore: {
              destinationPath: config.destinationPath,
              endpointURL: config.endpointUrl ?? '',
              s3Credentials: { accessKeyId: { name, key: 'id' }, secretAccessKey: { name, key: 'secret' } },
            },
          },
        ],
        ...more,
      },
    };
  }

  function pod(instance: string, cluster: Cluster): TestPod {
    const secrets = { 'store-keys': { id: keys.accessKeyId, secret: keys.secretAccessKey } };
    const made = makePod({ scratch: scratch.path, instance, cluster, secrets });
    mkdirSync(join(made.root, 'var/lib/postgresql/tablespaces/extra'), { recursive: true });
    return made;
  }

  const start = (made: TestPod): Promise<TestServer> =>
    runServer(scratch.path, made.pgData, {
      ssl: 'off',
      logging_collector: 'off',
      archive_command: '',
      unix_socket_directories: made.root,
    }).then((server) => ({ ...server, socketDirectory: made.root }));

  it('holds everything, on a timeline of its own, with the application database', async () => {
    const restored = pod('all-1', clusterWith({}));
    await restoreFromArchive(restored.job('full-recovery'));
    assert.equal((await readControlData(restored.pgData)).checkpoint.timeline, 2);
    for (const name of ['recovery.signal', 'standby.signal', 'tablespace_map']) {
      assert.equal(existsSync(join(restored.pgData, name)), false, name);
    }
    assert.ok(existsSync(join(restored.pgData, '.check-empty-wal-archive')));
    const server = await start(restored);
    try {
      assert.deepEqual(await ask(server, 'postgres', 'SELECT array_agg(n ORDER BY n) FROM rows'), [[1, 2, 3]]);
      assert.deepEqual(
        await ask(server, 'postgres', "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'app'"),
        ['app'],
      );
      const [place] = await ask(
        server,
        'postgres',
        "SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname = 'extra'",
      );
      assert.equal(place, join(restored.root, 'var/lib/postgresql/tablespaces/extra/data'));
    } finally {
      await server.stop();
    }
  });

  it('stops at a point in time', async () => {
    const restored = pod('time-1', clusterWith({ recoveryTarget: { targetTime } }));
    await restoreFromArchive(restored.job('full-recovery'));
    const server = await start(restored);
    try {
      assert.deepEqual(await ask(server, 'postgres', 'SELECT array_agg(n ORDER BY n) FROM rows'), [[1, 2]]);
    } finally {
      await server.stop();
    }
  });

  it('is a standby when the cluster is a replica of the source', async () => {
    const restored = pod('follow-1', clusterWith({}, { replica: { enabled: true, source: 'origin' } }));
    await restoreFromArchive(restored.job('full-recovery'));
    assert.ok(existsSync(join(restored.pgData, 'standby.signal')));
    assert.equal((await readControlData(restored.pgData)).checkpoint.timeline, 1);
    assert.match(readFileSync(join(restored.pgData, 'override.conf'), 'utf8'), /restore_command = '.*wal-restore/);
  });

  it('fails for a target that is never reached, and leaves no data directory', async () => {
    const restored = pod('never-1', clusterWith({ recoveryTarget: { targetLSN: '7/0', exclusive: true } }));
    await assert.rejects(restoreFromArchive(restored.job('full-recovery')), /postgres(ql)? ended before/i);
    assert.equal(existsSync(restored.pgData), false);
  });

  it('is refused where its own archive holds WAL already', async () => {
    const own = {
      destinationPath: config.destinationPath,
      endpointURL: config.endpointUrl ?? '',
      serverName: 'origin',
      s3Credentials: {
        accessKeyId: { name: 'store-keys', key: 'id' },
        secretAccessKey: { name: 'store-keys', key: 'secret' },
      },
    };
    const restored = pod('own-1', clusterWith({}, { backup: { barmanObjectStore: own } }));
    await assert.rejects(restoreFromArchive(restored.job('full-recovery')), /Expected empty archive/);
  });

  it('comes from cloned volumes and the archive too', async () => {
    const cluster = clusterWith({});
    const clone = pod('clone-1', cluster);
    // What a snapshot of the source after a clean stop holds.
    await cp(at('source'), clone.pgData, { recursive: true, verbatimSymlinks: true });
    await restoreFromSnapshot(clone.job('snapshot-recovery'));
    assert.equal((await readControlData(clone.pgData)).checkpoint.timeline, 2);
    const joined = pod('clone-2', cluster);
    await cp(at('source'), joined.pgData, { recursive: true, verbatimSymlinks: true });
    await restoreFromSnapshot(joined.job('snapshot-recovery', ['--immediate']));
    assert.ok(existsSync(join(joined.pgData, 'standby.signal')));
  });
});
