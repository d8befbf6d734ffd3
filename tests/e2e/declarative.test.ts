import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ClusterUnderTest, clusterUnderTest } from '../faults/support.ts';
import { type Kubectl, kubectlFor, noKubectl } from './support/kubectl.ts';
import { clusterManifest, manifestFile } from './support/manifests.ts';
import { type Matriarch, startMatriarch } from './support/matriarch.ts';
import { query } from './support/postgres.ts';
import { until } from './support/until.ts';

// What is described as objects and reaches the database as SQL: two clusters, one that publishes and one that subscribes.

const limitMs = 30_000;

describe('objects of the database', { skip: noKubectl, timeout: 120_000 }, () => {
  let matriarch: Matriarch;
  let kubectl: Kubectl;
  let source: ClusterUnderTest;
  let target: ClusterUnderTest;

  before(async () => {
    matriarch = await startMatriarch({ args: ['--port', '0'] });
    kubectl = kubectlFor(matriarch);
    const roles = [
      { name: 'reader', login: true, inRoles: ['pg_monitor'], comment: 'reads', passwordSecret: { name: 'reader' } },
      { name: 'gone', ensure: 'absent' },
    ];
    await createSecret('reader', 'reader', 'first');
    await createSecret('publisher', 'publisher', 'publishes');
    await create(
      clusterManifest('src', {
        instances: 2,
        enableSuperuserAccess: true,
        managed: { roles },
        replicationSlots: { updateInterval: 1 },
      }),
    );
    const publisher = {
      name: 'src',
      connectionParameters: { host: 'src-rw', user: 'publisher', dbname: 'shop' },
      password: { name: 'publisher', key: 'password' },
    };
    await create(
      clusterManifest('dst', {
        enableSuperuserAccess: true,
        externalClusters: [publisher],
        tablespaces: [{ name: 'fast', storage: { size: '1Gi' }, owner: { name: 'app' } }],
      }),
    );
    for (const [name, instances] of [
      ['src', 2],
      ['dst', 1],
    ] as const) {
      await until(`the secret of ${name}`, limitMs, async () => {
        return (await kubectl('get', 'secret', `${name}-superuser`, '-o', 'name')) !== '';
      });
      const cluster = await clusterUnderTest(kubectl, name, instances);
      await cluster.healed(name, 60_000);
      if (name === 'src') source = cluster;
      else target = cluster;
    }
  });

  after(async () => {
    await matriarch?.stop();
    await matriarch?.remove();
  });

  const create = async (object: object) => kubectl('create', '-f', await manifestFile(matriarch, object));
  const createSecret = (name: string, username: string, password: string) =>
    kubectl(
      'create',
      'secret',
      'generic',
      name,
      '--type=kubernetes.io/basic-auth',
      `--from-literal=username=${username}`,
      `--from-literal=password=${password}`,
    );
  const object = (kind: string, name: string, cluster: string, spec: object) => ({
    apiVersion: 'postgresql.cnpg.io/v1',
    kind,
    metadata: { name, namespace: 'default' },
    spec: { cluster: { name: cluster }, ...spec },
  });
  const applied = (kind: string, name: string) =>
    until(`${kind} ${name} is applied`, limitMs, async () => {
      const text = await kubectl('get', kind, name, '-o', 'jsonpath={.status}');
      const status = JSON.parse(text || '{}') as { applied?: boolean };
      if (status.applied !== true) throw new Error(text);
      return true;
    });
  const one = async (cluster: ClusterUnderTest, sql: string) =>
    Object.values((await cluster.onPod(await cluster.primary(), sql))[0] ?? {})[0];
  const login = async (service: string, database: string, user: string, password: string) => ({
    namespace: 'default',
    service,
    database,
    user,
    password,
  });

  test('managed roles are made, with password and membership, and follow their Secret', async () => {
    const status = JSON.parse(
      await kubectl('get', 'cluster', 'src', '-o', 'jsonpath={.status.managedRolesStatus.byStatus}'),
    ) as Record<string, string[]>;
    assert.deepEqual(status.reconciled, ['gone', 'reader']);
    assert.equal(
      await one(source, "SELECT shobj_description(oid, 'pg_authid') FROM pg_authid WHERE rolname = 'reader'"),
      'reads',
    );
    assert.equal(await one(source, "SELECT pg_has_role('reader', 'pg_monitor', 'member')"), true);
    await query(kubectl, await login('src-rw', 'postgres', 'reader', 'first'), 'SELECT 1');
    await kubectl('patch', 'secret', 'reader', '-p', '{"stringData":{"password":"second"}}');
    await until('the new password works', limitMs, async () => {
      await query(kubectl, await login('src-rw', 'postgres', 'reader', 'second'), 'SELECT 1');
      return true;
    });
  });

  test('a DatabaseRole is made and its password follows the Secret', async () => {
    await create(
      object('DatabaseRole', 'publisher', 'src', {
        name: 'publisher',
        login: true,
        replication: true,
        passwordSecret: { name: 'publisher' },
        databaseRoleReclaimPolicy: 'delete',
      }),
    );
    await applied('databaserole', 'publisher');
    await query(kubectl, await login('src-rw', 'postgres', 'publisher', 'publishes'), 'SELECT 1');
  });

  test('databases are made with their schemas, extensions and servers, and changed', async () => {
    for (const cluster of ['src', 'dst']) {
      const spec = {
        name: 'shop',
        owner: 'app',
        databaseReclaimPolicy: 'delete',
        schemas: [{ name: 'sales', owner: 'app' }],
        ...(cluster === 'dst' ? { tablespace: 'fast' } : { connectionLimit: 50 }),
      };
      await create(object('Database', `${cluster}-shop`, cluster, spec));
    }
    await applied('database', 'src-shop');
    await applied('database', 'dst-shop');
    assert.equal(await one(source, "SELECT datconnlimit FROM pg_database WHERE datname = 'shop'"), 50);
    await kubectl(
      'patch',
      'database',
      'src-shop',
      '--type=merge',
      '-p',
      '{"spec":{"connectionLimit":60,"owner":"reader"}}',
    );
    await until('the database is changed', limitMs, async () => {
      const found = await one(
        source,
        "SELECT datconnlimit || ' ' || pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'shop'",
      );
      return found === '60 reader';
    });
    await create(object('Database', 'again', 'src', { name: 'shop', owner: 'app', databaseReclaimPolicy: 'retain' }));
    await until('a second object for one database is refused', limitMs, async () => {
      const message = await kubectl('get', 'database', 'again', '-o', 'jsonpath={.status.message}');
      return message === '"shop" is already managed by object "src-shop"';
    });
    await kubectl('delete', 'database', 'again');
  });

  test('a tablespace is made on its volume, holds the database, and is there in the next pod', async () => {
    const location = "SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname = 'fast'";
    assert.match(String(await one(target, location)), /\/var\/lib\/postgresql\/tablespaces\/fast\/data$/);
    assert.equal(
      await one(target, "SELECT pg_get_userbyid(spcowner) FROM pg_tablespace WHERE spcname = 'fast'"),
      'app',
    );
    assert.equal(
      await one(
        target,
        "SELECT spcname FROM pg_database d JOIN pg_tablespace t ON t.oid = dattablespace WHERE datname = 'shop'",
      ),
      'fast',
    );
    await kubectl('delete', 'pod', 'dst-1');
    await target.healed('dst after its pod was deleted', 60_000);
    const app = await kubectl('get', 'secret', 'dst-superuser', '-o', 'jsonpath={.data.password}');
    const superuser = await login('dst-rw', 'shop', 'postgres', Buffer.from(app, 'base64').toString());
    await query(kubectl, superuser, 'CREATE TABLE sales.items (n int PRIMARY KEY)');
  });

  test('rows flow from a Publication to a Subscription', async () => {
    const secret = await kubectl('get', 'secret', 'src-superuser', '-o', 'jsonpath={.data.password}');
    const shop = await login('src-rw', 'shop', 'postgres', Buffer.from(secret, 'base64').toString());
    await query(kubectl, shop, 'CREATE TABLE sales.items (n int PRIMARY KEY)');
    await query(kubectl, shop, 'GRANT USAGE ON SCHEMA sales TO publisher');
    await query(kubectl, shop, 'GRANT SELECT ON sales.items TO publisher');
    await query(kubectl, shop, 'INSERT INTO sales.items SELECT generate_series(1, 100)');
    await create(
      object('Publication', 'items', 'src', {
        name: 'items',
        dbname: 'shop',
        target: { objects: [{ table: { name: 'items', schema: 'sales' } }] },
        publicationReclaimPolicy: 'delete',
      }),
    );
    await applied('publication', 'items');
    await create(
      object('Subscription', 'items', 'dst', {
        name: 'items',
        dbname: 'shop',
        publicationName: 'items',
        externalClusterName: 'src',
        subscriptionReclaimPolicy: 'delete',
      }),
    );
    await applied('subscription', 'items');
    const dst = await kubectl('get', 'secret', 'dst-superuser', '-o', 'jsonpath={.data.password}');
    const copy = await login('dst-rw', 'shop', 'postgres', Buffer.from(dst, 'base64').toString());
    const rows = async (count: number) =>
      until(`${count} rows have come`, limitMs, async () => {
        const [row] = await query<{ count: number }>(kubectl, copy, 'SELECT count(*)::int AS count FROM sales.items');
        return row?.count === count;
      });
    await rows(100);
    await query(kubectl, shop, 'INSERT INTO sales.items VALUES (101)');
    await rows(101);
  });

  test('slots that a user made on the primary are copied to the standby', async () => {
    const primary = await source.primary();
    await source.onPod(primary, "SELECT pg_create_physical_replication_slot('mine', true)");
    const [standby = ''] = await source.standbys();
    await until('the slot is on the standby', limitMs, async () => {
      const rows = await source.onPod(standby, "SELECT 1 FROM pg_replication_slots WHERE slot_name = 'mine'");
      return rows.length === 1;
    });
    await source.onPod(primary, "SELECT pg_drop_replication_slot('mine')");
    await until('and goes with it', limitMs, async () => {
      const rows = await source.onPod(standby, "SELECT 1 FROM pg_replication_slots WHERE slot_name = 'mine'");
      return rows.length === 0;
    });
  });

  test('deleted objects are dropped where the policy says so', async () => {
    await kubectl('delete', 'subscription', 'items');
    await kubectl('delete', 'publication', 'items');
    await kubectl('delete', 'database', 'src-shop', 'dst-shop');
    assert.equal(await one(source, "SELECT count(*)::int FROM pg_database WHERE datname = 'shop'"), 0);
    assert.equal(await one(target, "SELECT count(*)::int FROM pg_database WHERE datname = 'shop'"), 0);
    await kubectl('delete', 'databaserole', 'publisher');
    assert.equal(await one(source, "SELECT count(*)::int FROM pg_roles WHERE rolname = 'publisher'"), 0);
  });
});
