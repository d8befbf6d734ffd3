import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Backup } from '@matriarch/api';
import { createS3Server, generateKeys } from '@matriarch/local/s3';
import { createWorld, dropPrivileges, usePostgres } from './world.ts';

dropPrivileges();
usePostgres();

const backupType = { group: 'postgresql.cnpg.io', version: 'v1', resource: 'backups' };

function getLocal(host: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host, port: 8010, path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('WAL goes to the object store ahead of PostgreSQL, and a backup completes', { timeout: 120_000 }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mi-s3-'));
  const keys = generateKeys();
  const server = await createS3Server({
    folder,
    buckets: ['backups'],
    keys,
    roles: [],
    verifyToken: async () => undefined,
  });
  const { url } = await server.listen('127.0.0.1', 0);
  t.after(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const selector = (key: string) => ({ name: 'store', key });
  const world = await createWorld(t, {
    instances: 1,
    net: 20,
    spec: {
      backup: {
        retentionPolicy: '30d',
        barmanObjectStore: {
          destinationPath: 's3://backups/',
          endpointURL: url,
          s3Credentials: { accessKeyId: selector('id'), secretAccessKey: selector('key') },
          wal: { compression: 'gzip', maxParallel: 4 },
        },
      },
    },
  });
  await world.secret('store', { id: keys.accessKeyId, key: keys.secretAccessKey });
  const manager = world.start('prod-1');
  await world.until('ready', async () => (await world.get(manager, '/readyz')).status === 200);

  const began = performance.now();
  await world.sql('prod-1', "SELECT pg_logical_emit_message(false, 't', 'x'); SELECT pg_switch_wal()");
  const archiver = async () =>
    (await world.sql('prod-1', 'SELECT archived_count::int AS ok, failed_count::int AS bad FROM pg_stat_archiver'))[0];
  await world.until('the first segment is archived', async () => Number((await archiver())?.ok) > 0);
  t.diagnostic(`archived after ${Math.round(performance.now() - began)} ms`);
  for (let index = 0; index < 8; index += 1) {
    await world.sql('prod-1', "SELECT pg_logical_emit_message(false, 't', 'x'); SELECT pg_switch_wal()");
  }
  await world.until('all are archived', async () => Number((await archiver())?.ok) >= 9);
  t.diagnostic(`nine segments after ${Math.round(performance.now() - began)} ms`);
  assert.equal((await archiver())?.bad, 0);
  const condition = async () =>
    (await world.status()).conditions?.find((entry) => entry.type === 'ContinuousArchiving')?.status;
  await world.until('the condition', async () => (await condition()) === 'True');

  const metadata = { name: 'first', namespace: world.namespace };
  const spec = { cluster: { name: world.clusterName }, method: 'barmanObjectStore' };
  await world.client.create(backupType, {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Backup',
    metadata,
    spec,
  } as never);
  assert.equal(await getLocal(manager.address, '/pg/backup?name=first'), 200);
  const backup = async () => (await world.client.get(backupType, metadata)) as unknown as Backup;
  await world.until(
    'the backup ends',
    async () => ['completed', 'failed'].includes((await backup()).status?.phase ?? ''),
    60_000,
  );
  const status = (await backup()).status;
  assert.equal(status?.error ?? '', '');
  assert.equal(status?.phase, 'completed');
  assert.match(status?.backupId ?? '', /^\d{8}T\d{6}$/);
  await world.until('the last backup', async () => ((await world.status()).lastSuccessfulBackup ?? '') !== '');
});

test('without an object store WAL is discarded and no command fails', { timeout: 60_000 }, async (t) => {
  const world = await createWorld(t, { instances: 1, net: 21 });
  const manager = world.start('prod-1');
  await world.until('ready', async () => (await world.get(manager, '/readyz')).status === 200);
  await world.sql('prod-1', "SELECT pg_logical_emit_message(false, 't', 'x'); SELECT pg_switch_wal()");
  await world.until('archived', async () => {
    const [row] = await world.sql(
      'prod-1',
      'SELECT archived_count::int AS ok, failed_count::int AS bad FROM pg_stat_archiver',
    );
    assert.equal(row?.bad, 0);
    return Number(row?.ok) > 0;
  });
});

test('a primary stops although its object store never answers', { timeout: 120_000 }, async (t) => {
  const asked = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', () => asked.resolve());
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const selector = (key: string) => ({ name: 'store', key });
  const barmanObjectStore = {
    destinationPath: 's3://backups/',
    endpointURL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    s3Credentials: { accessKeyId: selector('id'), secretAccessKey: selector('key') },
  };
  const world = await createWorld(t, { instances: 1, net: 22, spec: { backup: { barmanObjectStore } } });
  await world.secret('store', { id: 'id', key: 'key' });
  const manager = world.start('prod-1');
  await world.until('ready', async () => (await world.get(manager, '/readyz')).status === 200);
  await world.sql('prod-1', "SELECT pg_logical_emit_message(false, 't', 'x'); SELECT pg_switch_wal()");
  await asked.promise;
  const began = performance.now();
  manager.child.kill('SIGTERM');
  assert.equal(await manager.exited, 0);
  const seconds = (performance.now() - began) / 1000;
  t.diagnostic(`stopped after ${seconds.toFixed(1)} s`);
  assert.ok(seconds < 30);
});
