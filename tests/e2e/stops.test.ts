import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { processOf } from '../faults/harness/process-table.ts';
import { noKubectl } from './support/kubectl.ts';
import { notAskedFor } from './support/long.ts';
import { limitMs, type RunningCluster, type Scenario, startScenario } from './support/scenario.ts';
import { until } from './support/until.ts';

// PostgreSQL is stopped in every way that is meant to be harmless: with clients at work, to hibernate, without its volumes.

const smartSeconds = 6;

describe('stops', { skip: noKubectl || notAskedFor, timeout: 600_000 }, () => {
  let scenario: Scenario;
  let cluster: RunningCluster;
  let password: string;

  before(async () => {
    scenario = await startScenario();
    cluster = await scenario.create('c', {
      instances: 3,
      walStorage: { size: '1Gi' },
      smartShutdownTimeout: smartSeconds,
      stopDelay: 60,
      startDelay: 125,
      livenessProbeTimeout: 30,
      minSyncReplicas: 1,
      maxSyncReplicas: 1,
    });
    const secret = await kubectl('get', 'secret', 'c-superuser', '-o', 'jsonpath={.data.password}');
    password = Buffer.from(secret, 'base64').toString();
  });
  after(() => scenario?.end());

  const kubectl = (...args: string[]) => scenario.kubectl(...args);
  /** A session that stays, on one instance. */
  const connect = async (pod: string) => {
    const host = await cluster.pod(pod, '.status.podIP');
    const ssl = { rejectUnauthorized: false };
    const client = new pg.Client({ host, port: 5432, user: 'postgres', password, database: 'postgres', ssl });
    const began = performance.now();
    const ended = new Promise<{ code: string | undefined; afterMs: number }>((resolve) => {
      client.on('error', (error: Error & { code?: string }) =>
        resolve({ code: error.code, afterMs: performance.now() - began }),
      );
    });
    await client.connect();
    return { client, ended };
  };
  const rows = async (text: string) =>
    (await cluster.onPod(await cluster.primary(), `SELECT count(*)::int AS count FROM notes WHERE text = '${text}'`))[0]
      ?.count;
  const hibernation = (field: string) => cluster.get(`.status.conditions[?(@.type=="cnpg.io/hibernation")].${field}`);
  const hibernated = () =>
    until('no pod is left', limitMs, async () => {
      return (await hibernation('reason')) === 'Hibernated' && (await cluster.pods()).size === 0;
    });
  const loseVolumes = async (pod: string) => {
    await kubectl('delete', 'pvc', pod, `${pod}-wal`, '--wait=false');
    await kubectl('delete', 'pod', pod, '--wait=false');
  };

  test('the delays of the cluster are those of its pods', async () => {
    const container = '.spec.containers[0]';
    assert.equal(await cluster.pod('c-1', '.spec.terminationGracePeriodSeconds'), '60');
    assert.equal(await cluster.pod('c-1', `${container}.startupProbe.failureThreshold`), '13');
    assert.equal(await cluster.pod('c-1', `${container}.livenessProbe.failureThreshold`), '3');
  });

  test('a restart lets transactions end, and cuts off what stays', async () => {
    await cluster.onPod('c-1', 'CREATE TABLE notes (text text)');
    const [quick, slow] = [await connect('c-1'), await connect('c-1')];
    await quick.client.query("BEGIN; INSERT INTO notes VALUES ('quick')");
    await slow.client.query("BEGIN; INSERT INTO notes VALUES ('slow')");
    await kubectl('cnpg', 'restart', 'c', 'c-1');
    await until('new sessions are refused', limitMs, async () => {
      const refused = await connect('c-1').then(
        ({ client }) => client.end(),
        (error: pg.DatabaseError) => error,
      );
      return refused instanceof Error;
    });
    await quick.client.query('COMMIT');
    await quick.client.end();
    const end = await slow.ended;
    assert.equal(end.code, '57P01', 'terminated by the administrator');
    await cluster.intact();
    assert.equal(await rows('quick'), 1);
    assert.equal(await rows('slow'), 0);
    const log = await kubectl('logs', 'c-1', '-c', 'postgres');
    const stop = log.slice(log.lastIndexOf('Stopping PostgreSQL'));
    const steps = [
      'checkpoint starting: immediate force wait',
      'received smart shutdown request',
      'received fast shutdown request',
    ].map((text) => stop.indexOf(text));
    assert.ok(!steps.includes(-1) && steps.every((at, index) => at >= (steps[index - 1] ?? 0)), `${steps}`);
  });

  test('a client of a standby keeps it for the smart time, no longer', async () => {
    const [standby = ''] = await cluster.standbys();
    const { client, ended } = await connect(standby);
    await client.query('SELECT 1');
    const before = await cluster.pods();
    await kubectl('delete', 'pod', standby, '--wait=false');
    const { afterMs } = await ended;
    assert.ok(afterMs >= smartSeconds * 1000 - 500 && afterMs < 40_000, `${afterMs} ms`);
    await until('its pod is another one', limitMs, async () => {
      return ![undefined, before.get(standby)].includes((await cluster.pods()).get(standby));
    });
    await cluster.intact();
  });

  test('hibernation, with synchronous replication, and back', async () => {
    await cluster.annotate('cnpg.io/hibernation=on');
    await hibernated();
    assert.equal(await hibernation('message'), 'Cluster has been hibernated');
    await cluster.annotate('cnpg.io/hibernation=off');
    await cluster.intact();
    assert.equal(await hibernation('reason'), '');
  });

  test('hibernation waits for a cluster that is not healthy', async () => {
    // Smaller than before, and supervised: the primary waits for a person, and nothing is restarted.
    const parameters = (value: string) => ({ postgresql: { parameters: { max_connections: value } } });
    await cluster.change({ primaryUpdateStrategy: 'supervised', ...parameters('90') });
    await cluster.phase('Waiting for user action');
    await cluster.annotate('cnpg.io/hibernation=on');
    await until('it waits', limitMs, async () => (await hibernation('reason')) === 'WaitingForHealthy');
    assert.equal((await cluster.pods()).size, 3);
    await cluster.change({ primaryUpdateStrategy: 'unsupervised', ...parameters('100') });
    await hibernated();
    await cluster.annotate('cnpg.io/hibernation=off');
    await cluster.intact();
  });

  test('a standby that lost its volumes is made anew', async () => {
    const [standby = ''] = await cluster.standbys();
    const primary = await cluster.primary();
    const claims = () => kubectl('get', 'pvc', standby, `${standby}-wal`, '-o', 'jsonpath={.items[*].metadata.uid}');
    const lost = await claims();
    await loseVolumes(standby);
    await until('it has others', limitMs, async () => (await claims()).split(' ').every((uid) => !lost.includes(uid)));
    await cluster.intact();
    assert.equal(await cluster.primary(), primary);
  });

  test('a primary that comes back before the delay of failover stays the primary', async () => {
    await cluster.change({ failoverDelay: 60 });
    const primary = await cluster.primary();
    const timeline = await cluster.get('.status.timelineID');
    process.kill(processOf(scenario.matriarch, 'postmaster', primary), 'SIGKILL');
    await until('its failure is noted', limitMs, async () => {
      return (await cluster.get('.status.currentPrimaryFailingSinceTimestamp')) !== '';
    });
    await cluster.intact();
    assert.equal(await cluster.primary(), primary);
    assert.equal(await cluster.get('.status.timelineID'), timeline);
    assert.equal(await cluster.get('.status.currentPrimaryFailingSinceTimestamp'), '');
  });

  test('a primary that lost its volumes is replaced after the delay, and made anew', async () => {
    await cluster.change({ failoverDelay: 4 });
    const primary = await cluster.primary();
    await loseVolumes(primary);
    let failingSince = '';
    await until('another one is the primary', limitMs, async () => {
      failingSince = (await cluster.get('.status.currentPrimaryFailingSinceTimestamp')) || failingSince;
      return (await cluster.primary()) !== primary;
    });
    const named = await cluster.get('.status.targetPrimaryTimestamp');
    const waited = Date.parse(named) - Date.parse(failingSince);
    assert.ok(waited >= 4000, `from ${failingSince} to ${named}`);
    await cluster.intact();
    assert.notEqual(await cluster.primary(), primary);
  });
});
