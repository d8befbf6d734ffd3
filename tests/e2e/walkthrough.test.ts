import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Kubectl, kubectlFor, noKubectl, noPsql } from './support/kubectl.ts';
import { type Matriarch, root, startMatriarch } from './support/matriarch.ts';
import { type Forward, type Login, portForward, query } from './support/postgres.ts';
import { until } from './support/until.ts';

// The walkthrough of the README on a machine without Kubernetes: parts in their order, each building on the one before.

const skip = noKubectl;
const counts = { city: 4519, country: 250, countrylanguage: 1582 };

interface ClusterObject {
  metadata: { uid: string };
  status?: { phase?: string; readyInstances?: number; currentPrimary?: string; timelineID?: number };
}

interface EventList {
  items: {
    reason: string;
    message: string;
    type: string;
    source: { component?: string };
    reportingComponent?: string;
    involvedObject: { uid?: string; name?: string };
    firstTimestamp: string;
    metadata: { resourceVersion: string };
  }[];
}

describe('the walkthrough', { skip, timeout: 600_000 }, () => {
  let matriarch: Matriarch;
  let kubectl: Kubectl;
  const login: Login = {
    namespace: 'demo',
    service: 'prod-rw',
    database: 'WorldDB',
    user: 'app',
    password: 'testing',
  };

  before(async () => {
    matriarch = await startMatriarch({ args: ['--port', '0'] });
    kubectl = kubectlFor(matriarch);
  });
  after(async () => {
    await matriarch?.stop();
    await matriarch?.remove();
  });

  const healthy = (timeoutMs: number) =>
    until('cluster prod is healthy with three ready instances', timeoutMs, async () => {
      const { status } = await kubectl.json<ClusterObject>('get', 'cluster', 'prod', '-n', 'demo');
      return status?.phase === 'Cluster in healthy state' && status.readyInstances === 3;
    });

  test('A7: four nodes are ready', async () => {
    const lines = (await kubectl('get', 'nodes', '--no-headers')).trim().split('\n');
    assert.equal(lines.length, 4);
    for (const line of lines) assert.match(line, /^\S+\s+Ready\s+<none>\s+\S+\s+v1\.32\.\d+/);
  });

  test('B1, B2, B5: storage class, credentials and cluster are created', async () => {
    assert.equal(
      await kubectl('create', '-f', 'examples/storageclass.yaml'),
      'storageclass.storage.k8s.io/storageclass-io2 created\n',
    );
    assert.equal(
      await kubectl('create', '-f', 'examples/auth-prod.yaml'),
      'namespace/demo created\nsecret/app-auth created\n',
    );
    assert.equal(
      await kubectl('create', '-f', 'examples/cluster-prod.yaml'),
      'cluster.postgresql.cnpg.io/prod created\n',
    );
    await healthy(90_000);
  });

  test('B6: pods, services, volumes, secrets and budgets', async () => {
    const pods = (await kubectl('get', 'pods', '-n', 'demo', '-l', 'cnpg.io/podRole=instance', '--no-headers')).trim();
    assert.deepEqual(
      pods.split('\n').map((line) => line.split(/\s+/).slice(0, 4)),
      [
        ['prod-1', '1/1', 'Running', '0'],
        ['prod-2', '1/1', 'Running', '0'],
        ['prod-3', '1/1', 'Running', '0'],
      ],
    );
    const services = (await kubectl('get', 'svc', '-n', 'demo', '--no-headers')).trim().split('\n');
    assert.deepEqual(
      services.map((line) => line.split(/\s+/)).map(([name, type, , external, port]) => [name, type, external, port]),
      ['prod-any', 'prod-r', 'prod-ro', 'prod-rw'].map((name) => [name, 'ClusterIP', '<none>', '5432/TCP']),
    );
    const names = async (kind: string) =>
      (await kubectl('get', kind, '-n', 'demo', '-o', 'jsonpath={.items[*].metadata.name}')).split(' ');
    assert.deepEqual(await names('pvc'), ['prod-1', 'prod-1-wal', 'prod-2', 'prod-2-wal', 'prod-3', 'prod-3-wal']);
    assert.deepEqual(await names('pdb'), ['prod', 'prod-primary']);
    const secrets = await names('secret');
    for (const name of ['app-auth', 'prod-ca', 'prod-replication', 'prod-server'])
      assert.ok(secrets.includes(name), name);
    const account = await kubectl('get', 'serviceaccount', 'prod', '-n', 'demo', '-o', 'yaml');
    assert.match(account, /eks\.amazonaws\.com\/role-arn: arn:aws:iam::123456789012:role\/cnpg-prod-irsa/);
    const primaries = await kubectl('get', 'pods', '-n', 'demo', '-l', 'cnpg.io/instanceRole=primary', '-o', 'name');
    assert.equal(primaries, 'pod/prod-1\n');
    const nodes = await kubectl(
      'get',
      'pods',
      '-n',
      'demo',
      '-l',
      'cnpg.io/podRole=instance',
      '-o',
      'jsonpath={.items[*].spec.nodeName}',
    );
    assert.equal(new Set(nodes.split(' ')).size, 3, 'each instance on a node of its own');
  });

  test('B6: the database is as the manifest says', async () => {
    const rows = await query<{ setting: string; value: string }>(
      kubectl,
      login,
      `SELECT name AS setting, current_setting(name) AS value FROM pg_settings
       WHERE name IN ('shared_buffers', 'pg_stat_statements.max', 'pg_stat_statements.track', 'auto_explain.log_min_duration') ORDER BY 1`,
    );
    assert.deepEqual(
      rows.map(({ setting, value }) => [setting, value]),
      [
        ['auto_explain.log_min_duration', '10s'],
        ['pg_stat_statements.max', '10000'],
        ['pg_stat_statements.track', 'all'],
        ['shared_buffers', '256MB'],
      ],
    );
    const [owner] = await query<{ owner: string; version: string }>(
      kubectl,
      login,
      "SELECT pg_get_userbyid(datdba) AS owner, current_setting('server_version') AS version FROM pg_database WHERE datname = 'WorldDB'",
    );
    assert.equal(owner?.owner, 'app');
    assert.match(owner?.version ?? '', /^17\.2/);
    await query(kubectl, login, 'CREATE TABLE scratch (n int)');
    await query(kubectl, login, 'DROP TABLE scratch');
    await assert.rejects(
      query(kubectl, { ...login, service: 'prod-ro' }, 'CREATE TABLE scratch (n int)'),
      /read-only transaction/,
    );
    const [recovery] = await query<{ r: boolean }>(
      kubectl,
      { ...login, service: 'prod-ro' },
      'SELECT pg_is_in_recovery() AS r',
    );
    assert.equal(recovery?.r, true);
  });

  test('B7: kubectl cnpg status shows the six sections', async () => {
    await until('archiving works and both replicas stream', 30_000, async () => {
      const text = await kubectl('cnpg', 'status', 'prod', '-n', 'demo');
      return /Working WAL archiving: +OK/.test(text) && (text.match(/streaming/g)?.length ?? 0) === 2;
    });
    const text = await kubectl('cnpg', 'status', 'prod', '-n', 'demo');
    const sections = [
      'Cluster Summary',
      'Certificates Status',
      'Continuous Backup status',
      'Streaming Replication status',
      'Unmanaged Replication Slot Status',
      'Instances status',
    ];
    assert.deepEqual(
      text.split('\n').filter((line) => sections.includes(line)),
      sections,
    );
    for (const line of [
      /^Name: +prod$/m,
      /^Namespace: +demo$/m,
      /^System ID: +\d{19}$/m,
      /^PostgreSQL Image: +ghcr\.io\/cloudnative-pg\/postgresql:17\.2$/m,
      /^Primary instance: +prod-1$/m,
      /^Status: +Cluster in healthy state $/m,
      /^Instances: +3$/m,
      /^Ready instances: +3$/m,
      /^Current Write LSN: +[0-9A-F]+\/[0-9A-F]+ \(Timeline: 1 - WAL File: [0-9A-F]{24}\)$/m,
      /^prod-ca +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC +89\.9\d$/m,
      /^First Point of Recoverability: +Not Available$/m,
      /^WALs waiting to be archived: +0$/m,
      /^Last Archived WAL: +[0-9A-F]{24}(\.[0-9A-F]{8}\.backup)? +@ +\d{4}-\d\d-\d\dT[\d:.]+Z$/m,
      /^Last Failed WAL: +-$/m,
      /^Replication Slots Enabled$/m,
      /^prod-2 .* streaming +async +0 +active$/m,
      /^prod-3 .* streaming +async +0 +active$/m,
      /^No unmanaged replication slots found$/m,
      /^prod-1 +\d+ MB +[0-9A-F]+\/[0-9A-F]+ +Primary +OK +Burstable +1\.30\.0 +\S+$/m,
      /^prod-2 +\d+ MB +[0-9A-F]+\/[0-9A-F]+ +Standby \(async\) +OK +Burstable +1\.30\.0 +\S+$/m,
    ]) {
      assert.match(text, line);
    }
  });

  test('D: sample data through port-forward and psql', { skip: noPsql }, async () => {
    const password = await kubectl('get', 'secret', 'app-auth', '-n', 'demo', '-o', 'jsonpath={.data.password}');
    assert.equal(Buffer.from(password, 'base64').toString(), 'testing');
    const forward = await portForward(kubectl, login);
    try {
      await forward.psql([], readFileSync(join(root, 'examples/world.sql'), 'utf8'));
      await checkTables(forward);
    } finally {
      forward.close();
    }
    await until('the replicas have caught up', 15_000, async () => {
      const [row] = await query<{ n: number }>(
        kubectl,
        { ...login, service: 'prod-ro' },
        'SELECT count(*)::int AS n FROM city',
      );
      return row?.n === counts.city;
    });
  });

  test('E: a backup on demand', async () => {
    assert.equal(
      await kubectl('create', '-n', 'demo', '-f', 'examples/backup-od.yaml'),
      'backup.postgresql.cnpg.io/ondemand created\n',
    );
    await until('the backup is completed', 120_000, async () => {
      const phase = await kubectl('get', 'backup', 'ondemand', '-n', 'demo', '-o', 'jsonpath={.status.phase}');
      assert.notEqual(phase, 'failed', await kubectl('get', 'backup', 'ondemand', '-n', 'demo', '-o', 'yaml'));
      return phase === 'completed';
    });
    assert.deepEqual(await eventsOf(kubectl, 'ondemand'), [
      ['Starting', 'cloudnative-pg-backup', 'Starting backup for cluster prod'],
      ['Starting', 'instance-manager', 'Backup started'],
      ['Completed', 'instance-manager', 'Backup completed'],
    ]);
    await until('status shows the first point of recoverability', 15_000, async () =>
      /First Point of Recoverability: +\d{4}-/.test(await kubectl('cnpg', 'status', 'prod', '-n', 'demo')),
    );
  });

  test('rows written after the base backup are archived', async () => {
    await query(
      kubectl,
      login,
      "CREATE TABLE later AS SELECT n, 'Curaçao ' || n AS name FROM generate_series(1, 1000) n",
    );
    const output = await kubectl(
      'exec',
      '-n',
      'demo',
      'prod-1',
      '-c',
      'postgres',
      '--',
      'sh',
      '-c',
      'command -v psql || true',
    );
    if (output.trim() === '') return;
    await kubectl(
      'exec',
      '-n',
      'demo',
      'prod-1',
      '-c',
      'postgres',
      '--',
      'psql',
      '-U',
      'postgres',
      '-c',
      'SELECT pg_switch_wal()',
    );
    await until('nothing waits to be archived', 30_000, async () =>
      /WALs waiting to be archived: +0$/m.test(await kubectl('cnpg', 'status', 'prod', '-n', 'demo')),
    );
  });

  test('F2: the cluster is lost', async () => {
    assert.equal(
      await kubectl('delete', 'cluster', 'prod', '-n', 'demo'),
      'cluster.postgresql.cnpg.io "prod" deleted\n',
    );
    await until('pods, services, volumes and secrets are gone', 60_000, async () => {
      const left = await kubectl('get', 'pods,svc,pvc,secrets,serviceaccounts', '-n', 'demo', '-o', 'name');
      return left.trim() === 'secret/app-auth\nserviceaccount/default';
    });
  });

  test('F3, F4: the restored cluster is healthy, and its events are in order', async () => {
    await kubectl('create', '-f', 'examples/cluster-restore.yaml');
    await healthy(120_000);
    const { metadata, status } = await kubectl.json<ClusterObject>('get', 'cluster', 'prod', '-n', 'demo');
    assert.ok((status?.timelineID ?? 0) >= 2, 'a new timeline');
    const events = await eventsOf(kubectl, 'prod', metadata.uid);
    const wanted = new Set([
      'CreatingPodDisruptionBudget',
      'CreatingServiceAccount',
      'CreatingRole',
      'CreatingInstance',
    ]);
    assert.deepEqual(
      events.filter(([reason]) => wanted.has(reason)),
      [
        ['CreatingPodDisruptionBudget', 'Creating PodDisruptionBudget prod-primary'],
        ['CreatingPodDisruptionBudget', 'Creating PodDisruptionBudget prod'],
        ['CreatingServiceAccount', 'Creating ServiceAccount'],
        ['CreatingRole', 'Creating Cluster Role'],
        ['CreatingInstance', 'Primary instance (from backup)'],
        ['CreatingInstance', 'Creating instance prod-2'],
        ['CreatingInstance', 'Creating instance prod-3'],
      ].map(([reason, message]) => [reason, 'cloudnative-pg', message]),
    );
  });

  test('G: everything is there again, with the generated password', { skip: noPsql }, async () => {
    const password = Buffer.from(
      await kubectl('get', 'secret', 'prod-app', '-n', 'demo', '-o', 'jsonpath={.data.password}'),
      'base64',
    ).toString();
    const restored = { ...login, password };
    const forward = await portForward(kubectl, restored);
    try {
      await checkTables(forward);
      assert.match(await forward.psql(['-c', 'SELECT CURRENT_TIME;']), /\(1 row\)/);
      const later = await forward.psql(['-At', '-c', 'SELECT count(*), max(name) FROM later']);
      assert.equal(later.trim(), '1000|Curaçao 999');
    } finally {
      forward.close();
    }
    assert.match(await kubectl('cnpg', 'status', 'prod', '-n', 'demo'), /Status: +Cluster in healthy state/);
  });

  test('K10: restored with database, owner and secret named, the old password stays valid', async () => {
    await kubectl('delete', 'cluster', 'prod', '-n', 'demo');
    await until(
      'the pods are gone',
      60_000,
      async () => (await kubectl('get', 'pods', '-n', 'demo', '-o', 'name')) === '',
    );
    const manifest = await kubectl.json<{
      spec: { bootstrap: { recovery: object }; backup: { barmanObjectStore: { destinationPath: string } } };
    }>('create', '-f', 'examples/cluster-restore.yaml', '--dry-run=client');
    manifest.spec.bootstrap.recovery = {
      source: 'prod',
      database: 'WorldDB',
      owner: 'app',
      secret: { name: 'app-auth' },
    };
    manifest.spec.backup.barmanObjectStore.destinationPath += '-again';
    const file = join(matriarch.state, 'restore-again.json');
    writeFileSync(file, JSON.stringify(manifest));
    await kubectl('create', '-f', file);
    await healthy(120_000);
    const [row] = await query<{ n: number }>(kubectl, login, 'SELECT count(*)::int AS n FROM city');
    assert.equal(row?.n, counts.city);
  });
});

/** Parts D4, D5: the tables, their owner, their rows and their non-ASCII names. */
async function checkTables(forward: Forward): Promise<void> {
  const listing = await forward.psql(['-c', '\\dt']);
  assert.match(listing, /List of relations/);
  for (const table of Object.keys(counts)) assert.match(listing, new RegExp(`public +\\| ${table} +\\| table \\| app`));
  const rows = await forward.psql([
    '-At',
    '-c',
    `SELECT (SELECT count(*) FROM city), (SELECT sum(population) FROM city), (SELECT count(*) FROM country),
       (SELECT sum(population) FROM country), (SELECT count(*) FROM countrylanguage),
       (SELECT count(*) FROM countrylanguage WHERE isofficial)`,
  ]);
  assert.equal(rows.trim(), '4519|2037074201|250|8060022217|1582|356');
  const spot = await forward.psql([
    '-At',
    '-c',
    `SELECT city.name, city.population FROM country JOIN city ON city.id = capital WHERE code = 'KOR'
     UNION ALL SELECT name, 0 FROM country WHERE code = 'CUW'`,
  ]);
  assert.equal(spot, 'Seoul|10349312\nCuraçao|0\n');
}

/** Events of an object in order, without what the machinery of volumes or pods adds. */
async function eventsOf(kubectl: Kubectl, name: string, uid?: string): Promise<[string, string, string][]> {
  const selector = `involvedObject.name=${name}${uid === undefined ? '' : `,involvedObject.uid=${uid}`}`;
  const { items } = await kubectl.json<EventList>('get', 'events', '-n', 'demo', '--field-selector', selector);
  const order = (event: EventList['items'][number]) => Number(event.metadata.resourceVersion);
  return items
    .sort((a, b) => Date.parse(a.firstTimestamp) - Date.parse(b.firstTimestamp) || order(a) - order(b))
    .map(({ reason, source, reportingComponent, message }) => [
      reason,
      source.component ?? reportingComponent ?? '',
      message,
    ]);
}
