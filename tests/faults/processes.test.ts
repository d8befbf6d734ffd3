import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { type Kubectl, kubectlFor, noKubectl } from '../e2e/support/kubectl.ts';
import { clusterManifest, manifestFile } from '../e2e/support/manifests.ts';
import { type Matriarch, startMatriarch } from '../e2e/support/matriarch.ts';
import { s3Environment } from '../e2e/support/s3.ts';
import { until } from '../e2e/support/until.ts';
import {
  processOf as findProcess,
  type ProcessKind,
  processTable,
  residentMiB,
  signalAll,
} from './harness/process-table.ts';
import { type ClusterUnderTest, clusterUnderTest, startWriter, type Writer } from './support.ts';

// One cluster that archives, written to all the time; one fault after another. After each it heals by itself: healthy
// within a minute, one primary, standbys that stream, and every row there that was acknowledged and replayed before.

const healLimitMs = 60_000;
const managerLimitMiB = 90;
const skip = noKubectl || (process.platform === 'linux' ? false : 'processes are found through /proc');

describe('a cluster heals by itself', { skip, timeout: 300_000 }, () => {
  let matriarch: Matriarch;
  let kubectl: Kubectl;
  let cluster: ClusterUnderTest;
  let writer: Writer;

  before(async () => {
    matriarch = await startMatriarch({ args: ['--port', '0'] });
    kubectl = kubectlFor(matriarch);
    const store = s3Environment(matriarch);
    const literals = [
      `--from-literal=id=${store.AWS_ACCESS_KEY_ID}`,
      `--from-literal=key=${store.AWS_SECRET_ACCESS_KEY}`,
    ];
    await kubectl('create', 'secret', 'generic', 's3', ...literals);
    const spec = {
      instances: 3,
      enableSuperuserAccess: true,
      backup: {
        barmanObjectStore: {
          destinationPath: `s3://${store.S3_BUCKET}`,
          endpointURL: store.AWS_ENDPOINT_URL,
          s3Credentials: { accessKeyId: { name: 's3', key: 'id' }, secretAccessKey: { name: 's3', key: 'key' } },
        },
      },
    };
    await kubectl('create', '-f', await manifestFile(matriarch, clusterManifest('c', spec)));
    await until('the secret of the superuser is there', 30_000, async () => {
      return (await kubectl('get', 'secret', 'c-superuser', '-o', 'name')) !== '';
    });
    cluster = await clusterUnderTest(kubectl, 'c', 3);
    await cluster.healed('created', healLimitMs);
    await cluster.onPod('c-1', 'CREATE TABLE kept (n int)');
    writer = await startWriterTo('c-rw');
  });

  after(async () => {
    await writer?.stop();
    await matriarch?.stop();
    await matriarch?.remove();
  });

  async function startWriterTo(service: string): Promise<Writer> {
    const host = await kubectl('get', 'service', service, '-o', 'jsonpath={.spec.clusterIP}');
    const secret = await kubectl('get', 'secret', 'c-superuser', '-o', 'jsonpath={.data.password}');
    const password = Buffer.from(secret, 'base64').toString();
    const started = startWriter({ host, user: 'postgres', password, database: 'postgres' });
    await until('rows are written', 10_000, () => started.acknowledged.length > 10);
    return started;
  }

  /** One fault; it must be seen (`noticed`) before the healing is waited for. */
  async function fault(t: TestContext, act: () => Promise<unknown>, noticed: () => Promise<boolean>): Promise<void> {
    const safe = writer.acknowledged.at(-1) ?? 0;
    await cluster.replayed();
    // Replication is asynchronous: what an earlier fault has cost is not counted against this one.
    const expected = await rowsUpTo(safe);
    const began = performance.now();
    await act();
    await until('the fault is seen', healLimitMs, noticed);
    await cluster.healed(t.name, healLimitMs);
    t.diagnostic(`healed after ${Math.round(performance.now() - began)} ms`);
    const before = writer.acknowledged.length;
    await until('rows are written again', 20_000, () => writer.acknowledged.length > before + 5);
    const kept = await rowsUpTo(safe);
    assert.ok(kept >= expected, `${kept} of ${expected} rows that were replayed`);
  }

  async function rowsUpTo(last: number): Promise<number> {
    const sql = `SELECT count(*)::int AS count FROM kept WHERE n <= ${last}`;
    const [row] = await cluster.onPod(await cluster.primary(), sql);
    return Number(row?.count);
  }

  const kill = (pid: number) => process.kill(pid, 'SIGKILL');
  const processOf = (kind: ProcessKind, pod?: string) => findProcess(matriarch, kind, pod);
  const restarts = (pod: string) =>
    kubectl('get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0].restartCount}/{.metadata.uid}');
  /** The standby that was restarted least: a container that ends again and again is held back, longer each time. */
  const aStandby = async () => {
    const found = await Promise.all(
      (await cluster.standbys()).map(async (pod) => ({ pod, count: Number.parseInt(await restarts(pod), 10) })),
    );
    return found.sort((a, b) => a.count - b.count)[0]?.pod ?? '';
  };

  /** Kills a process of an instance; its container starts again. */
  async function killIn(t: TestContext, pod: string, pid: number): Promise<void> {
    const old = await restarts(pod);
    await fault(
      t,
      async () => kill(pid),
      async () => (await restarts(pod)) !== old,
    );
  }

  test('postmaster of the primary killed', async (t) => {
    const pod = await cluster.primary();
    await killIn(t, pod, processOf('postmaster', pod));
  });

  test('postmaster of a standby killed', async (t) => {
    const pod = await aStandby();
    await killIn(t, pod, processOf('postmaster', pod));
  });

  test('manager of a standby killed', async (t) => {
    const pod = await aStandby();
    await killIn(t, pod, processOf('manager', pod));
  });

  test('pod of the primary deleted', async (t) => {
    const pod = await cluster.primary();
    const old = await restarts(pod);
    await fault(
      t,
      () => kubectl('delete', 'pod', pod),
      async () => (await restarts(pod)) !== old,
    );
  });

  test('a backend of the primary killed', async (t) => {
    const pod = await cluster.primary();
    const [row] = await cluster.onPod(
      pod,
      "SELECT pid FROM pg_stat_activity WHERE query LIKE 'INSERT INTO kept%' LIMIT 1",
    );
    await killIn(t, pod, Number(row?.pid));
  });

  test('pod of a standby deleted', async (t) => {
    const pod = await aStandby();
    const old = await restarts(pod);
    await fault(
      t,
      () => kubectl('delete', 'pod', pod),
      async () => (await restarts(pod)) !== old,
    );
  });

  test('archive worker of the primary killed', async (t) => {
    const pod = await cluster.primary();
    const old = processOf('worker', pod);
    await fault(
      t,
      async () => kill(old),
      async () => processOf('worker', pod) !== old,
    );
    const archived = async () =>
      (await cluster.onPod(pod, 'SELECT archived_count::int AS n FROM pg_stat_archiver'))[0]?.n;
    const count = Number(await archived());
    await cluster.onPod(pod, 'SELECT pg_switch_wal()');
    await until('WAL is archived again', 30_000, async () => Number(await archived()) > count);
  });

  test('operator killed', async (t) => {
    const old = processOf('operator');
    await fault(
      t,
      async () => kill(old),
      async () => processOf('operator') !== old,
    );
  });

  test('manager of the primary killed', async (t) => {
    const pod = await cluster.primary();
    await killIn(t, pod, processOf('manager', pod));
  });

  test('pod and volume of a standby deleted', async (t) => {
    const pod = await aStandby();
    const claim = () => kubectl('get', 'pvc', pod, '-o', 'jsonpath={.metadata.uid}');
    const old = await claim();
    await fault(
      t,
      () => kubectl('delete', 'pvc,pod', pod),
      async () => (await claim()) !== old,
    );
  });

  test('WAL receiver of a standby killed', async (t) => {
    const pod = await aStandby();
    await killIn(t, pod, processOf('walreceiver', pod));
  });

  test('PostgreSQL of the primary frozen for 20 s', async (t) => {
    const pod = await cluster.primary();
    const frozen = processTable(matriarch.state)
      .filter((found) => found.pod === pod && found.command.startsWith('postgres'))
      .map(({ pid }) => pid);
    const thaw = setTimeout(() => signalAll(frozen, 'SIGCONT'), 20_000);
    const began = performance.now();
    try {
      await fault(
        t,
        async () => signalAll(frozen, 'SIGSTOP'),
        async () => performance.now() - began > 20_000,
      );
    } finally {
      clearTimeout(thaw);
      signalAll(frozen, 'SIGCONT');
    }
  });

  test('the managers have not grown', async (t) => {
    for (const pod of ['c-1', 'c-2', 'c-3']) {
      const size = residentMiB(processOf('manager', pod));
      t.diagnostic(`manager of ${pod}: ${size.toFixed(1)} MiB`);
      assert.ok(size <= managerLimitMiB, `${pod}: ${size.toFixed(1)} MiB`);
    }
  });
});
