import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Client, isNotFound, resources } from '@matriarch/kubernetes';
import pg from 'pg';
import { noKubectl, noPsql } from './support/kubectl.ts';
import { type Matriarch, root, startMatriarch } from './support/matriarch.ts';
import { backups, clusters, createExample, ownClient, pluginStatus, statementsOf } from './support/own-client.ts';
import { until } from './support/until.ts';

// The walkthrough where kubectl or psql is missing: the same steps through the project's own client, so that every
// machine that runs the tests has seen them.

const needed = noKubectl || noPsql || process.env.MATRIARCH_TEST_OWN_CLIENT === '1';
const skip = needed ? false : 'kubectl and psql are here: walkthrough.test.ts goes through them';
if (noKubectl) console.log('kubectl is not on this machine: the walkthrough goes through the own client');
const namespace = 'demo';

describe('the walkthrough through the own client', { skip, timeout: 600_000 }, () => {
  let matriarch: Matriarch;
  let client: Client;

  before(async () => {
    matriarch = await startMatriarch({ args: ['--port', '0'] });
    client = ownClient(matriarch);
  });
  after(async () => {
    client?.close();
    await matriarch?.stop();
    await matriarch?.remove();
  });

  const healthy = () =>
    until('cluster prod is healthy with three ready instances', 120_000, async () => {
      const { status } = await client.get(clusters, { name: 'prod', namespace });
      return status?.phase === 'Cluster in healthy state' && status.readyInstances === 3;
    });

  /** Runs statements in one session through a Service. */
  async function sql(service: string, password: string, statements: string[]): Promise<pg.QueryResult[]> {
    const { spec } = await client.get(resources.services, { name: service, namespace });
    const session = new pg.Client({
      host: spec?.clusterIP ?? '',
      user: 'app',
      password,
      database: 'WorldDB',
      ssl: { rejectUnauthorized: false },
    });
    await session.connect();
    try {
      const results: pg.QueryResult[] = [];
      for (const statement of statements) results.push(await session.query(statement));
      return results;
    } finally {
      await session.end();
    }
  }

  const facts = `SELECT (SELECT count(*) FROM city)::int AS city, (SELECT sum(population) FROM city)::text AS people,
    (SELECT count(*) FROM country)::int AS country, (SELECT count(*) FROM countrylanguage)::int AS language,
    (SELECT name FROM country WHERE code = 'CUW') AS name`;
  const expected = { city: 4519, people: '2037074201', country: 250, language: 1582, name: 'Curaçao' };

  test('the cluster comes up and status shows it', async () => {
    await createExample(client, 'storageclass.yaml');
    await createExample(client, 'auth-prod.yaml');
    await createExample(client, 'cluster-prod.yaml');
    await healthy();
    await until('archiving works', 30_000, async () =>
      /Working WAL archiving: +OK/.test(await pluginStatus(matriarch, 'prod', namespace)),
    );
    assert.match(await pluginStatus(matriarch, 'prod', namespace), /^prod-3 +\d+ MB .* Standby \(async\) +OK/m);
  });

  test('data go in through -rw and not through -ro, and a backup is taken', async () => {
    await sql('prod-rw', 'testing', statementsOf(readFileSync(join(root, 'examples/world.sql'), 'utf8')));
    const [result] = await sql('prod-rw', 'testing', [facts]);
    assert.deepEqual(result?.rows, [expected]);
    await assert.rejects(sql('prod-ro', 'testing', ['CREATE TABLE x (n int)']), /read-only transaction/);
    await createExample(client, 'backup-od.yaml', namespace);
    await until('the backup is completed', 120_000, async () => {
      const { status } = await client.get(backups, { name: 'ondemand', namespace });
      assert.notEqual(status?.phase, 'failed');
      return status?.phase === 'completed';
    });
  });

  test('the cluster is lost and restored with its data', async () => {
    await client.delete(clusters, { name: 'prod', namespace });
    await until('its pods and volumes are gone', 60_000, async () => {
      const left = await Promise.all([
        client.list(resources.pods, { namespace }),
        client.list(resources.persistentVolumeClaims, { namespace }),
      ]);
      return left.every(({ items }) => items.length === 0);
    });
    await client.get(resources.secrets, { name: 'app-auth', namespace });
    await assert.rejects(client.get(resources.secrets, { name: 'prod-ca', namespace }), isNotFound);
    await createExample(client, 'cluster-restore.yaml');
    await healthy();
    const { data } = await client.get(resources.secrets, { name: 'prod-app', namespace });
    const password = Buffer.from(data?.password ?? '', 'base64').toString();
    const [result] = await sql('prod-rw', password, [facts]);
    assert.deepEqual(result?.rows, [expected]);
  });
});
