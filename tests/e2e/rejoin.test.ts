import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { processOf } from '../faults/harness/process-table.ts';
import type { ClusterUnderTest } from '../faults/support.ts';
import { createCluster, debianPrograms, eventsOf, killInstance } from './support/cluster.ts';
import { type Kubectl, kubectlFor, noKubectl } from './support/kubectl.ts';
import { type Matriarch, startMatriarch } from './support/matriarch.ts';
import { until } from './support/until.ts';

// The old primary comes back by the least that is right, and says what it does. Debian's pg_rewind is of major version
// 15, so the cluster is; it is pulled like an image.

const major = 15;
const limitMs = 60_000;
const noRewind = debianPrograms(major)
  ? false
  : `no pg_rewind of version ${major} (Debian package postgresql-${major})`;
const skip = noKubectl || noRewind || (process.platform === 'linux' ? false : 'processes are found through /proc');

describe('the way back of an old primary', { skip, timeout: 400_000 }, () => {
  let matriarch: Matriarch;
  let kubectl: Kubectl;
  let cluster: ClusterUnderTest;

  before(async () => {
    matriarch = await startMatriarch({ args: ['--port', '0'] });
    kubectl = kubectlFor(matriarch);
    const imageName = `ghcr.io/cloudnative-pg/postgresql:${major}`;
    cluster = await createCluster(matriarch, kubectl, 'c', { instances: 3, imageName });
    await cluster.onPod('c-1', 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n');
  });

  after(async () => {
    await matriarch?.stop();
    await matriarch?.remove();
  });

  /** What an instance said last of its way back. */
  const saidBy = async (pod: string) =>
    (await eventsOf(kubectl, 'c')).filter(
      ({ reason, message }) => /^Rejoin/.test(reason) && message.startsWith(`${pod} `),
    );

  /** Writes WAL on the primary that no standby gets, then takes the primary's power away. */
  async function loseWithUnsentWal(old: string, beforeTheEnd: () => Promise<void>): Promise<void> {
    await cluster.replayed();
    const receivers = (await cluster.standbys()).map((pod) => processOf(matriarch, 'walreceiver', pod));
    for (const pid of receivers) process.kill(pid, 'SIGSTOP');
    try {
      // More than the buffers between the servers hold.
      await cluster.onPod(
        old,
        "CREATE TABLE lost AS SELECT n, repeat('x', 1000) AS t FROM generate_series(1, 64000) n",
      );
      await beforeTheEnd();
      killInstance(matriarch, old);
    } finally {
      for (const pid of receivers) process.kill(pid, 'SIGCONT');
    }
  }

  /** The cluster is whole again under another primary, without what only the old one had. */
  async function backAsStandby(t: TestContext, old: string): Promise<void> {
    const began = performance.now();
    await until('another instance is the primary', limitMs, async () => (await cluster.primary()) !== old);
    const promoted = performance.now();
    await cluster.healed(t.name, limitMs);
    const times = [promoted - began, performance.now() - promoted].map((ms) => Math.round(ms));
    t.diagnostic(`another primary after ${times[0]} ms, the old one is back ${times[1]} ms later`);
    await cluster.replayed();
    const [row] = await cluster.onPod(
      old,
      "SELECT (SELECT count(*)::int FROM kept) AS kept, to_regclass('lost')::text AS lost, pg_is_in_recovery() AS standby",
    );
    assert.deepEqual(row, { kept: 1000, lost: null, standby: true });
  }

  test('after a switchover it follows with its data as it is', async (t) => {
    const old = await cluster.primary();
    const [standby = ''] = await cluster.standbys();
    await kubectl('cnpg', 'promote', 'c', standby);
    await backAsStandby(t, old);
    await until('it says so', limitMs, async () => (await saidBy(old)).at(-1)?.reason === 'RejoiningAsIs');
  });

  test('with WAL that nobody else got it is rewound', async (t) => {
    const old = await cluster.primary();
    await loseWithUnsentWal(old, async () => undefined);
    await backAsStandby(t, old);
    const said = await saidBy(old);
    const rewound = said.filter(({ reason }) => reason === 'RejoiningByRewind');
    assert.equal(rewound.length, 1, JSON.stringify(said));
    assert.match(rewound[0]?.message ?? '', /is rewound to where c-\d took over \(\d+ MiB\): it wrote WAL that/);
    assert.ok(!said.some(({ reason }) => reason === 'RejoiningByCopy'), 'no copy was made');
  });

  test('where pg_rewind lacks WAL it is replaced by a fresh copy', async (t) => {
    const old = await cluster.primary();
    await loseWithUnsentWal(old, async () => {
      // The server itself needs nothing from before this checkpoint, pg_rewind does.
      await cluster.onPod(old, 'CHECKPOINT');
      const [row] = await cluster.onPod(
        old,
        `SELECT current_setting('data_directory') AS directory, pg_walfile_name(redo_lsn) AS redo FROM pg_control_checkpoint()`,
      );
      const wal = join(String(row?.directory), 'pg_wal');
      const older = readdirSync(wal).filter((name) => /^[0-9A-F]{24}$/.test(name) && name < String(row?.redo));
      assert.ok(older.length > 2, `${older.length} segments before the checkpoint`);
      for (const name of older) rmSync(join(wal, name));
    });
    await backAsStandby(t, old);
    const said = await saidBy(old);
    assert.equal(said.at(-1)?.reason, 'RejoiningByCopy', JSON.stringify(said));
    assert.match(said.at(-1)?.message ?? '', /it wrote WAL that .*pg_rewind cannot do it: /);
  });
});
