import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { processOf } from '../faults/harness/process-table.ts';
import type { ClusterUnderTest } from '../faults/support.ts';
import { createCluster } from './support/cluster.ts';
import { type Installation, ownInstallation } from './support/installation.ts';
import { type Kubectl, kubectlFor, noKubectl } from './support/kubectl.ts';
import { type Matriarch, startMatriarch } from './support/matriarch.ts';
import { s3Environment } from './support/s3.ts';
import { until } from './support/until.ts';

// The operator is replaced by a newer build and brings every instance manager up to it, while PostgreSQL and its clients
// go on; then one of the servers that went on dies.

const limitMs = 60_000;
const names = ['c-1', 'c-2', 'c-3'];
const skip = noKubectl || (process.platform === 'linux' ? false : 'a process is replaced in place on Linux only');

interface Report {
  executableHash: string;
}

/** One client that writes over one connection, and notes every error. */
interface Session {
  readonly errors: string[];
  written(): number;
  stop(): Promise<void>;
}

async function openSession(host: string, password: string): Promise<Session> {
  const client = new pg.Client({ host, user: 'postgres', password, database: 'postgres', query_timeout: 20_000 });
  const errors: string[] = [];
  client.on('error', (error) => errors.push(error.message));
  await client.connect();
  await client.query('CREATE TABLE kept (n int)');
  let stopped = false;
  let count = 0;
  const running = (async () => {
    while (!stopped && errors.length === 0) {
      // Each write also leaves a line in the server's log, and a segment of WAL ends now and then.
      await client.query(`INSERT INTO kept VALUES (${count})`);
      await client.query(`DO $$ BEGIN RAISE LOG 'mark é % .', ${count}; END $$`);
      if (count % 200 === 0) await client.query('SELECT pg_switch_wal()');
      count += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })().catch((error: Error) => void errors.push(error.message));
  return {
    errors,
    written: () => count,
    async stop() {
      stopped = true;
      await running;
      await client.end().catch(() => undefined);
    },
  };
}

describe('instance managers are updated in place', { skip, timeout: 420_000 }, () => {
  let installation: Installation;
  let matriarch: Matriarch;
  let kubectl: Kubectl;
  let cluster: ClusterUnderTest;

  const restartOperator = async () => {
    const selector = ['-n', 'cnpg-system', '-l', 'app.kubernetes.io/name=cloudnative-pg'];
    const [old = ''] = (await kubectl('get', 'pods', ...selector, '-o', 'name')).trim().split('\n');
    await kubectl('delete', '-n', 'cnpg-system', old, '--wait=true');
    await kubectl('rollout', 'status', '-n', 'cnpg-system', 'deployment/cnpg-controller-manager', '--timeout=60s');
  };
  const status = async () =>
    (
      await kubectl.json<{
        status: Record<string, unknown> & { phase: string; conditions: { type: string; status: string }[] };
      }>('get', 'cluster', 'c')
    ).status;
  const reports = () =>
    Promise.all(
      names.map(async (pod) => {
        const path = `/api/v1/namespaces/default/pods/https:${pod}:8000/proxy/pg/status`;
        return JSON.parse(await kubectl('get', '--raw', path)) as Report;
      }),
    );
  const events = async () => {
    const { items } = await kubectl.json<{ items: { reason: string; message: string; type: string }[] }>(
      'get',
      'events',
    );
    return items;
  };
  /** What must not change: pods, containers, processes. */
  const lives = async () => {
    const path = 'jsonpath={.metadata.uid}/{.status.containerStatuses[0].restartCount}';
    const pods = await Promise.all(names.map((pod) => kubectl('get', 'pod', pod, '-o', path)));
    const starts = await Promise.all(
      names.map((pod) => cluster.onPod(pod, 'SELECT pg_postmaster_start_time()::text AS at').then(([row]) => row?.at)),
    );
    const pids = names.map((pod) => [processOf(matriarch, 'postmaster', pod), processOf(matriarch, 'manager', pod)]);
    const lease = await kubectl('get', 'lease', 'c', '-o', 'jsonpath={.spec.holderIdentity}/{.spec.leaseTransitions}');
    return { pods, starts, pids, lease, primary: await cluster.primary() };
  };
  /** Where the program of a manager lies. */
  const programFolder = (pod: string) => {
    const command = readFileSync(`/proc/${processOf(matriarch, 'manager', pod)}/cmdline`, 'utf8').split('\0');
    return dirname(command.find((part) => part.endsWith('/instance.mjs')) ?? '');
  };

  before(async () => {
    installation = await ownInstallation();
    matriarch = await startMatriarch({ program: installation.program, args: ['--port', '0'] });
    kubectl = kubectlFor(matriarch);
    const data = { ENABLE_INSTANCE_MANAGER_INPLACE_UPDATES: 'true' };
    const configMap = ['configmap', 'cnpg-controller-manager-config', '-n', 'cnpg-system'];
    await kubectl('patch', ...configMap, '--type=merge', '-p', JSON.stringify({ data }));
    await restartOperator();
    const environment = s3Environment(matriarch);
    const literals = [`id=${environment.AWS_ACCESS_KEY_ID}`, `key=${environment.AWS_SECRET_ACCESS_KEY}`];
    await kubectl('create', 'secret', 'generic', 's3', ...literals.map((text) => `--from-literal=${text}`));
    const barmanObjectStore = {
      destinationPath: `s3://${environment.S3_BUCKET}`,
      endpointURL: environment.AWS_ENDPOINT_URL,
      s3Credentials: { accessKeyId: { name: 's3', key: 'id' }, secretAccessKey: { name: 's3', key: 'key' } },
    };
    cluster = await createCluster(matriarch, kubectl, 'c', { instances: 3, backup: { barmanObjectStore } });
  });

  after(async () => {
    await matriarch?.stop();
    await matriarch?.remove();
    await installation?.remove();
  });

  test('a newer operator replaces every manager, and no client and no server notices', async () => {
    const password = await kubectl('get', 'secret', 'c-superuser', '-o', 'jsonpath={.data.password}');
    const service = await kubectl('get', 'service', 'c-rw', '-o', 'jsonpath={.spec.clusterIP}');
    const session = await openSession(service, Buffer.from(password, 'base64').toString());
    const before = await lives();
    const old = (await reports())[0]?.executableHash ?? '';
    assert.equal((await status()).cloudNativePGOperatorHash, old);

    await installation.rebuild('second');
    await restartOperator();
    const phases = new Set<string>();
    await until('every manager is the new one, and the cluster is healthy', 3 * limitMs, async () => {
      const { phase, cloudNativePGOperatorHash } = await status();
      phases.add(phase);
      const hashes = (await reports()).map(({ executableHash }) => executableHash);
      if (cloudNativePGOperatorHash === old || hashes.some((hash) => hash !== cloudNativePGOperatorHash))
        throw new Error(`${phase}: ${hashes.map((hash) => hash.slice(0, 6)).join(' ')}`);
      return phase === 'Cluster in healthy state';
    });
    const { cloudNativePGOperatorHash: hash, ...told } = await status();
    assert.ok(phases.has('Online upgrade in progress'), [...phases].join(', '));
    assert.equal(told.cloudNativePGCommitHash, 'second');
    assert.equal(told.onlineUpdateEnabled, true);
    assert.deepEqual(told.availableArchitectures, [{ goArch: process.arch === 'x64' ? 'amd64' : process.arch, hash }]);
    assert.deepEqual(await lives(), before);

    const written = session.written();
    await until('the session writes on', limitMs, () => session.errors.length > 0 || session.written() > written + 50);
    await session.stop();
    assert.deepEqual(session.errors, []);
    const [row] = await cluster.onPod(before.primary, 'SELECT count(*)::int AS count FROM kept');
    assert.equal(row?.count, session.written());

    const all = await events();
    const upgraded = all.filter(({ reason }) => reason === 'InstanceManagerUpgraded').map(({ message }) => message);
    const expected = names.map(
      (pod) =>
        `Instance manager has been upgraded on ${pod} (oldHash: ${old.slice(0, 6)} — newHash: ${String(hash).slice(0, 6)})`,
    );
    assert.deepEqual(upgraded.sort(), expected);
    for (const reason of ['InstanceManagerUpgradeFailed', 'FailingOver', 'Switchover', 'UpgradingInstance'])
      assert.ok(!all.some((event) => event.reason === reason), reason);

    await until('all WAL is archived', limitMs, async () => {
      await cluster.onPod(before.primary, 'SELECT pg_switch_wal()');
      const sql =
        'SELECT last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 33554432) AS done FROM pg_stat_archiver';
      return (await cluster.onPod(before.primary, sql))[0]?.done === true;
    });
    const [archiver] = await cluster.onPod(before.primary, 'SELECT failed_count::int AS failed FROM pg_stat_archiver');
    assert.equal(archiver?.failed, 0);

    const log = await kubectl('logs', before.primary, '-c', 'postgres');
    const marks = [...log.matchAll(/"message":"mark é (\d+) \."/g)].map(([, mark]) => Number(mark));
    assert.deepEqual(
      marks.sort((a, b) => a - b),
      Array.from({ length: session.written() }, (_, index) => index),
      'every line of the log came, once',
    );
  });

  test('files of the former version are gone', async () => {
    for (const pod of names) {
      const versions = join(programFolder(pod), '..');
      assert.equal(readdirSync(versions).length, 1);
      assert.ok(!existsSync(join(versions, '../node')));
      assert.ok(!existsSync(join(versions, '../handover.json')));
    }
  });

  test('a primary whose adopted server is killed is noticed within a second, and all heals', async () => {
    const primary = await cluster.primary();
    const killedAt = Date.now();
    process.kill(processOf(matriarch, 'postmaster', primary), 'SIGKILL');
    const noticed = async () => {
      const log = await kubectl('logs', primary, '-c', 'postgres', '--previous');
      const line = log.split('\n').find((text) => text.includes('"signal":"SIGKILL"'));
      return line === undefined ? undefined : Date.parse((JSON.parse(line) as { ts: string }).ts) - killedAt;
    };
    let after: number | undefined;
    await until('the manager has noticed', limitMs, async () => {
      after = await noticed();
      return after !== undefined;
    });
    assert.ok((after ?? Infinity) < 1000, `${after} ms`);
    await cluster.healed('after the kill', limitMs);
  });
});
