import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Cluster, Import } from '@matriarch/api';
import { withSuperuser } from '@matriarch/postgres';
import {
  dropPrivileges,
  makeDataDirectory,
  makeScratch,
  runServer,
  type TestServer,
  usePostgres,
} from '@matriarch/postgres/testing';
import { initCluster } from '../init.ts';
import { makePod } from '../testing/job.ts';
import type { ImportContext } from './import.ts';
import { copyRoles } from './roles.ts';
import { sourceDatabases } from './source.ts';

dropPrivileges();
usePostgres();

const cluster = (spec: Partial<Import>): Cluster => ({
  metadata: { name: 'pg', namespace: 'default' },
  spec: {
    instances: 1,
    storage: { size: '1Gi' },
    bootstrap: {
      initdb: { import: { type: 'monolith', databases: ['*'], source: { externalCluster: 'old' }, ...spec } },
    },
    externalClusters: [{ name: 'old', connectionParameters: { host: 'old' } }],
  },
});

describe('the import of a server', { timeout: 60_000 }, () => {
  const scratch = makeScratch();
  let source: TestServer;
  let target: TestServer;
  const sql = (server: TestServer, text: string): Promise<unknown[]> =>
    withSuperuser(
      { socketDirectory: server.socketDirectory, database: 'postgres', applicationName: 'test' },
      async (client) => (await client.query({ text, rowMode: 'array' })).rows.flat(),
    );

  before(async () => {
    source = await runServer(scratch.path, await makeDataDirectory(scratch.path, 'source'));
    target = await runServer(scratch.path, await makeDataDirectory(scratch.path, 'target'));
    for (const statement of [
      'CREATE ROLE readers NOLOGIN',
      `CREATE ROLE "Ada" LOGIN SUPERUSER CONNECTION LIMIT 3 PASSWORD 'x' VALID UNTIL '2040-01-01 00:00:00+00'`,
      'GRANT readers TO "Ada" WITH ADMIN OPTION',
      'CREATE ROLE streaming_replica REPLICATION',
      'CREATE ROLE app CREATEDB',
    ]) {
      await sql(source, statement);
    }
    await sql(source, 'CREATE DATABASE shop');
    await sql(target, 'CREATE ROLE app LOGIN');
  });
  after(async () => {
    await source.stop();
    await target.stop();
    await scratch.remove();
  });

  const context = (spec: Partial<Import>): ImportContext => {
    const pod = makePod({ scratch: scratch.path, instance: 'pg-1', cluster: cluster(spec), secrets: {} });
    const job = pod.job('import', ['--app-user', 'app']);
    return {
      job,
      target: { socketDirectory: target.socketDirectory, logger: job.logger },
      spec: job.cluster.spec.bootstrap?.initdb?.import ?? assert.fail('the cluster imports nothing'),
      source: { host: source.socketDirectory, user: 'postgres' },
      folder: scratch.path,
    };
  };

  it('takes over roles with passwords and memberships, but neither ours nor the rights of superusers', async () => {
    await copyRoles(context({ roles: ['*'] }));
    const [password] = await sql(source, `SELECT rolpassword FROM pg_authid WHERE rolname = 'Ada'`);
    assert.deepEqual(
      await sql(
        target,
        `SELECT rolpassword, rolsuper, rolcanlogin, rolconnlimit, rolvaliduntil AT TIME ZONE 'UTC' = '2040-01-01' FROM pg_authid WHERE rolname = 'Ada'`,
      ),
      [password, false, true, 3, true],
    );
    const membership = `SELECT roleid::regrole::text, admin_option FROM pg_auth_members WHERE member = '"Ada"'::regrole`;
    assert.deepEqual(await sql(target, membership), ['readers', true]);
    assert.deepEqual(await sql(target, "SELECT count(*)::int FROM pg_roles WHERE rolname = 'streaming_replica'"), [0]);
    assert.deepEqual(await sql(target, "SELECT rolcreatedb FROM pg_roles WHERE rolname = 'app'"), [false]);
  });

  it('finds the databases of the source', async () => {
    const { source: connection, job } = context({});
    assert.deepEqual(await sourceDatabases(connection, ['*'], job.signal), ['shop']);
    assert.deepEqual(await sourceDatabases(connection, ['a', 'b'], job.signal), ['a', 'b']);
  });

  it('says what is missing in an image without the client programs', async () => {
    const pod = makePod({ scratch: scratch.path, instance: 'pg-2', cluster: cluster({}), secrets: {} });
    const job = pod.job('import');
    const programs = process.env.PATH?.split(':')[0] ?? '';
    const bare = { ...job, environment: { ...job.environment, PATH: programs } };
    await assert.rejects(initCluster(bare), /bootstrap\.initdb\.import needs pg_dump/);
  });
});
