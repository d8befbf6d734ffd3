import assert from 'node:assert/strict';
import { createConnection } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { processOf } from '../faults/harness/process-table.ts';
import { type ClusterUnderTest, startWriter } from '../faults/support.ts';
import { createCluster, killInstance } from './support/cluster.ts';
import { type Kubectl, kubectlFor, noKubectl } from './support/kubectl.ts';
import { notAskedFor } from './support/long.ts';
import { type Matriarch, startMatriarch } from './support/matriarch.ts';
import { query } from './support/postgres.ts';
import { until } from './support/until.ts';

// Synchronous replication, slots and fencing, one after another on one cluster of three.

const limitMs = 60_000;
const skip = noKubectl || notAskedFor || (process.platform === 'linux' ? false : 'processes are found through /proc');

describe('replication', { skip, timeout: 600_000 }, () => {
  let matriarch: Matriarch;
  let kubectl: Kubectl;
  let cluster: ClusterUnderTest;

  before(async () => {
    matriarch = await startMatriarch({ args: ['--port', '0'] });
    kubectl = kubectlFor(matriarch);
    cluster = await createCluster(matriarch, kubectl, 'c', {
      instances: 3,
      primaryLease: { leaseDurationSeconds: 6, renewDeadlineSeconds: 4, retryPeriodSeconds: 1 },
      postgresql: { parameters: { sync_replication_slots: 'on', hot_standby_feedback: 'on' } },
      replicationSlots: {
        highAvailability: { enabled: true, synchronizeLogicalDecoding: true },
        synchronizeReplicas: { enabled: true, excludePatterns: ['^skip'] },
        updateInterval: 1,
      },
    });
    await cluster.onPod('c-1', 'CREATE TABLE kept (n int)');
  });

  after(async () => {
    await matriarch?.stop();
    await matriarch?.remove();
  });

  const patch = (spec: object) => kubectl('patch', 'cluster', 'c', '--type=merge', '-p', JSON.stringify({ spec }));
  const synchronous = (value: object | null) => patch({ postgresql: { synchronous: value } });
  const fence = (verb: 'on' | 'off', instance: string) => kubectl('cnpg', 'fencing', verb, 'c', instance);
  const column = async (pod: string, sql: string) => (await cluster.onPod(pod, sql))[0]?.value;
  const slots = async (pod: string) => {
    const sql = 'SELECT slot_name::text AS name FROM pg_replication_slots WHERE NOT temporary ORDER BY 1';
    return (await cluster.onPod(pod, sql)).map(({ name }) => String(name));
  };

  /** Waits until the primary runs with a value of synchronous_standby_names, and its metadata say the same. */
  const names = (expected: string) =>
    until(`synchronous_standby_names is ${expected || 'empty'}`, limitMs, async () => {
      const sql = `SELECT current_setting('synchronous_standby_names') AS names,
        current_setting('cnpg.synchronous_standby_names_metadata', true) AS metadata`;
      const [row] = await cluster.onPod(await cluster.primary(), sql);
      if (row?.names !== expected) throw new Error(String(row?.names));
      return told(String(row.metadata ?? '')) === expected;
    });
  const superuser = async () => {
    const secret = await kubectl('get', 'secret', 'c-superuser', '-o', 'jsonpath={.data.password}');
    return Buffer.from(secret, 'base64').toString();
  };
  /** A row that may have to wait for standbys, for half a minute at most. */
  const patientWrite = async (n: number) => {
    const password = await superuser();
    const login = { namespace: 'default', service: 'c-rw', database: 'postgres', user: 'postgres', password };
    return query(kubectl, login, `INSERT INTO kept VALUES (${n})`);
  };
  /** Standbys whose label differs from the primary's. */
  const elsewhere = async (label: string) => {
    const path = 'jsonpath={.status.topology.instances}';
    let found: string[] = [];
    await until('the topology is known', limitMs, async () => {
      const places = JSON.parse(await kubectl('get', 'cluster', 'c', '-o', path)) as Record<
        string,
        Record<string, string>
      >;
      const own = places[await cluster.primary()]?.[label];
      found = Object.keys(places).filter((name) => places[name]?.[label] !== own);
      return own !== undefined;
    });
    return found.sort();
  };
  const states = async () => {
    const sql = 'SELECT application_name AS name, sync_state AS state FROM pg_stat_replication ORDER BY 1';
    return (await cluster.onPod(await cluster.primary(), sql)).map(({ name, state }) => `${name} ${state}`);
  };
  const write = async () => cluster.onPod(await cluster.primary(), 'INSERT INTO kept VALUES (1)');
  const waiting = async () =>
    Number(
      await column(
        await cluster.primary(),
        "SELECT count(*)::int AS value FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
      ),
    );

  test('any and first, changed while it runs', async () => {
    await synchronous({ method: 'any', number: 1 });
    await names('ANY 1 ("c-2","c-3","c-1")');
    await until('either standby counts', limitMs, async () => (await states()).join() === 'c-2 quorum,c-3 quorum');
    await synchronous({ method: 'first', number: 1 });
    await names('FIRST 1 ("c-2","c-3","c-1")');
    await until('the first one counts', limitMs, async () => (await states()).join() === 'c-2 sync,c-3 potential');
    await write();
    await synchronous({ method: 'any', number: 1, maxStandbyNamesFromCluster: 1, standbyNamesPre: ['outside'] });
    await names('ANY 1 ("outside","c-2")');
    await write();
  });

  test('required: a write waits for a standby that is away, and goes on when it is back', async () => {
    await synchronous({ method: 'any', number: 2, dataDurability: 'required' });
    await names('ANY 2 ("c-2","c-3","c-1")');
    await fence('on', '3');
    await until('the standby has stopped', limitMs, async () => (await states()).join() === 'c-2 quorum');
    const written = patientWrite(2);
    written.catch(() => undefined);
    await until('the write waits', limitMs, async () => (await waiting()) === 1);
    assert.equal(await column('c-1', 'SELECT count(*)::int AS value FROM kept WHERE n = 2'), 0);
    await fence('off', '3');
    await written;
    await cluster.healed('the standby is back', limitMs);
    killInstance(matriarch, 'c-2');
    await until('a write is acknowledged', limitMs, async () => (await patientWrite(2)).length === 0);
    await cluster.healed('after the kill', limitMs);
  });

  test('preferred: writes go on without the standbys that are away', async (t) => {
    await synchronous({ method: 'any', number: 2, dataDurability: 'preferred' });
    await names('ANY 2 ("c-2","c-3")');
    const began = performance.now();
    await fence('on', '3');
    await names('ANY 1 ("c-2")');
    await write();
    t.diagnostic(`one standby less after ${Math.round(performance.now() - began)} ms`);
    await fence('on', '2');
    await names('');
    await write();
    await fence('off', '2');
    await fence('off', '3');
    await names('ANY 2 ("c-2","c-3")');
  });

  test('failure domains: standbys of other zones only, and a condition that tells', async () => {
    const zone = 'topology.kubernetes.io/zone';
    await synchronous({ method: 'any', number: 1, nodeFailureDomainKeys: [zone] });
    await names(`ANY 1 (${(await elsewhere(zone)).map((name) => `"${name}"`).join(',')})`);
    const condition = '.status.conditions[?(@.type=="SyncReplicationTopologySatisfied")].reason';
    const reason = () => kubectl('get', 'cluster', 'c', '-o', `jsonpath={${condition}}`);
    await until('the condition says so', limitMs, async () => (await reason()) === 'Satisfied');
    await synchronous({ method: 'any', number: 1, nodeFailureDomainKeys: ['nowhere'] });
    await until('the label is missing', limitMs, async () => (await reason()) === 'TopologyNotExtracted');
    await names('ANY 1 ("c-2","c-3","c-1")');
    await synchronous(null);
    await until('there is no condition', limitMs, async () => (await reason()) === '');
    await names('');
  });

  test('minSyncReplicas and maxSyncReplicas heal themselves', async () => {
    await patch({ minSyncReplicas: 1, maxSyncReplicas: 2 });
    await names('ANY 2 ("c-2","c-3")');
    await fence('on', '2');
    await names('ANY 1 ("c-3")');
    await fence('on', '3');
    await names('');
    await write();
    await fence('off', '2');
    await fence('off', '3');
    await names('ANY 2 ("c-2","c-3")');
    await patch({ minSyncReplicas: 0, maxSyncReplicas: 0 });
    await names('');
    await cluster.healed('all are back', limitMs);
  });

  test('a fenced primary is not replaced; all can be fenced; what cannot be is refused', async () => {
    const answers = (pod: string) =>
      cluster.onPod(pod, 'SELECT 1').then(
        () => true,
        () => false,
      );
    await fence('on', 'c-1');
    await until('the primary has stopped', limitMs, async () => !(await answers('c-1')));
    await until('its pod is not ready', limitMs, async () => {
      return (await kubectl('get', 'cluster', 'c', '-o', 'jsonpath={.status.readyInstances}')) === '2';
    });
    assert.ok(await answers('c-2'), 'the others stay');
    await fence('on', '*');
    const list = () =>
      kubectl('get', 'cluster', 'c', '-o', 'jsonpath={.metadata.annotations.cnpg\\.io/fencedInstances}');
    assert.equal(await list(), '["*"]');
    await until('all have stopped', limitMs, async () => {
      return !(await Promise.all(['c-1', 'c-2', 'c-3'].map(answers))).includes(true);
    });
    const refused = await kubectl.attempt('cnpg', 'fencing', 'off', 'c', '2');
    assert.match(refused.stderr, /^Error: all instances of cluster c are fenced/);
    const unknown = await kubectl.attempt('cnpg', 'fencing', 'on', 'c', 'c-9');
    assert.match(unknown.stderr, /^Error: c-9 is not an instance of cluster c/);
    assert.deepEqual([refused.code, unknown.code], [1, 1]);
    assert.equal(await cluster.primary(), 'c-1');
    assert.equal(await fence('off', '*'), '* unfenced\n');
    assert.equal(await list(), '');
    await cluster.healed('without a fence', limitMs);
    assert.equal(await cluster.primary(), 'c-1');
    assert.equal(await column('c-1', 'SELECT pg_walfile_name(pg_current_wal_lsn()) AS value').then(timeline), 1);
  });

  test('a failover by quorum: refused where a commit may be lost, else at once', async () => {
    await synchronous({ method: 'any', number: 1, failoverQuorum: true });
    const quorum = async () => {
      const text = await kubectl('get', 'failoverquorum', 'c', '-o', 'jsonpath={.status}');
      return text === '' ? {} : (JSON.parse(text) as { standbyNumber?: number; primary?: string });
    };
    const published = (primary: string) =>
      until('the primary says on whom its commits depend', limitMs, async () => {
        const { standbyNumber, primary: by } = await quorum();
        return standbyNumber === 1 && by === primary;
      });
    await published('c-1');
    await fence('on', '3');
    await until('one standby is left', limitMs, async () => (await states()).join() === 'c-2 quorum');
    const started = await column('c-1', 'SELECT pg_postmaster_start_time()::text AS value');
    killInstance(matriarch, 'c-1');
    await until('the primary is back by itself', limitMs, async () => {
      const sql = 'SELECT pg_postmaster_start_time()::text AS value WHERE NOT pg_is_in_recovery()';
      const now = await column('c-1', sql);
      return now !== undefined && now !== started;
    });
    assert.equal(await cluster.primary(), 'c-1');
    await fence('off', '3');
    await cluster.healed('the standby is back', limitMs);
    await published('c-1');
    await patientWrite(3);
    killInstance(matriarch, 'c-1');
    await until('another instance is the primary', limitMs, async () => (await cluster.primary()) !== 'c-1');
    await cluster.healed('after the failover', limitMs);
    const primary = await cluster.primary();
    await published(primary);
    assert.equal(await column(primary, 'SELECT count(*)::int AS value FROM kept WHERE n = 3'), 1);
    await kubectl('cnpg', 'promote', 'c', 'c-1');
    await until('c-1 is the primary again', limitMs, async () => (await cluster.primary()) === 'c-1');
    await synchronous(null);
    await names('');
    await cluster.healed('at the end', limitMs);
  });

  test('slots of the others and of the user are on every standby', async () => {
    await cluster.onPod(
      'c-1',
      "SELECT pg_create_physical_replication_slot(n, true) FROM unnest('{mine,skipped}'::name[]) n",
    );
    await cluster.onPod('c-1', "SELECT pg_create_logical_replication_slot('app', 'test_decoding', false, false, true)");
    await until('c-2 has them', limitMs, async () => (await slots('c-2')).join() === '_cnpg_c_3,app,mine');
    await until('c-3 has them', limitMs, async () => (await slots('c-3')).join() === '_cnpg_c_2,app,mine');
    const [row] = await cluster.onPod(
      'c-1',
      "SELECT end_lsn::text AS lsn FROM pg_replication_slot_advance('mine', pg_current_wal_lsn())",
    );
    const place = "SELECT restart_lsn::text AS value FROM pg_replication_slots WHERE slot_name = 'mine'";
    await until('they follow', limitMs, async () => {
      return (await column('c-2', place)) === row?.lsn && (await column('c-3', place)) === row?.lsn;
    });
  });

  test('a consumer goes on at the new primary without a gap', async () => {
    const seen: number[] = [];
    const consume = async (pod: string) => {
      const rows = await cluster.onPod(pod, "SELECT data FROM pg_logical_slot_get_changes('app', NULL, NULL)");
      seen.push(
        ...rows.flatMap(
          ({ data }) => /kept: INSERT: n\[integer\]:(\d+)/.exec(String(data))?.slice(1).map(Number) ?? [],
        ),
      );
    };
    const insert = (pod: string, from: number, to: number) =>
      cluster.onPod(pod, `INSERT INTO kept SELECT generate_series(${from}, ${to})`);
    const copied = (pod: string) =>
      until(`${pod} has a copy of the slot that can be used`, limitMs, async () => {
        const sql =
          "SELECT synced AND NOT temporary AND invalidation_reason IS NULL AS value FROM pg_replication_slots WHERE slot_name = 'app'";
        return (await column(pod, sql)) === true;
      });
    await insert('c-1', 1001, 1100);
    await consume('c-1');
    assert.equal(seen.length, 100);
    await Promise.all(['c-2', 'c-3'].map(copied));
    await insert('c-1', 1101, 1200);
    await cluster.replayed();
    killInstance(matriarch, 'c-1');
    await until('another instance is the primary', limitMs, async () => (await cluster.primary()) !== 'c-1');
    await cluster.healed('after the failover', limitMs);
    const primary = await cluster.primary();
    await insert(primary, 1201, 1300);
    await consume(primary);
    assert.deepEqual(
      [...new Set(seen)].sort(),
      Array.from({ length: 300 }, (_, index) => 1001 + index),
    );
    await until('the old primary has the slots of a standby', limitMs, async () => {
      const others = ['c-2', 'c-3'].filter((pod) => pod !== primary).map((pod) => `_cnpg_${pod.replace('-', '_')}`);
      // What is left alone stays where it was made.
      const found = (await slots('c-1')).filter((name) => name !== 'skipped');
      return found.join() === [...others, 'app', 'mine'].join();
    });
    await copied('c-1');
  });

  test('slots that are switched off go everywhere, and come back', async () => {
    const primary = await cluster.primary();
    const switched = (enabled: boolean) =>
      patch({ replicationSlots: { highAvailability: { enabled, synchronizeLogicalDecoding: enabled } } });
    const ours = async () => {
      const found = await Promise.all(['c-1', 'c-2', 'c-3'].map(slots));
      return found.flat().filter((name) => name.startsWith('_cnpg_')).length;
    };
    await switched(false);
    await until('no slot of ours is left', limitMs, async () => (await ours()) === 0);
    await cluster.healed('standbys stream without a slot', limitMs);
    await switched(true);
    await until('the slots are back', limitMs, async () => (await ours()) === 2 + 1 + 1);
    await until('and used', limitMs, async () => {
      const sql = "SELECT count(*)::int AS value FROM pg_replication_slots WHERE active AND slot_name LIKE '\\_cnpg%'";
      return (await column(primary, sql)) === 2;
    });
    await cluster.healed('at the end', limitMs);
  });

  test('an API server that is frozen demotes nobody; a primary that is alone as well stops accepting writes', async (t) => {
    const primary = await cluster.primary();
    const host = await kubectl('get', 'pod', primary, '-o', 'jsonpath={.status.podIP}');
    const writer = startWriter({ host, user: 'postgres', password: await superuser(), database: 'postgres' });
    const written = () => writer.acknowledged.length;
    const rowMore = async (what: string, ms: number) => {
      const before = written();
      await until(what, ms, () => written() > before);
    };
    const peers = (await cluster.standbys()).map((pod) => processOf(matriarch, 'manager', pod));
    const control = matriarch.process.pid ?? 0;
    try {
      await rowMore('rows are written', limitMs);
      process.kill(control, 'SIGSTOP');
      const frozen = performance.now();
      while (performance.now() - frozen < outageMs) await rowMore('rows are written without the API server', 5000);
      for (const pid of peers) process.kill(pid, 'SIGSTOP');
      const alone = performance.now();
      await until('the primary answers no more', aloneLimitMs, () => refuses(host));
      t.diagnostic(`alone, it stopped after ${Math.round(performance.now() - alone)} ms`);
    } finally {
      for (const pid of [...peers, control]) process.kill(pid, 'SIGCONT');
    }
    await cluster.healed('everybody is back', 2 * limitMs);
    await writer.stop();
  });
});

/** Longer than the primary lease lasts. */
const outageMs = 12_000;
/** Renewal deadline, a vote's life, and a second. */
const aloneLimitMs = 4000 + 5000 + 1000;

/** Whether nobody listens there. */
function refuses(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port: 5432 });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}

/** What the metadata say, as synchronous_standby_names has it. */
function told(metadata: string): string {
  if (metadata === '') return '';
  const { method, number, standbyNames } = JSON.parse(metadata) as {
    method: string;
    number: number;
    standbyNames: string[];
  };
  return `${method} ${number} (${standbyNames.map((name) => `"${name}"`).join(',')})`;
}

/** The timeline in the name of a WAL file. */
const timeline = (file: unknown) => Number.parseInt(String(file).slice(0, 8), 16);
