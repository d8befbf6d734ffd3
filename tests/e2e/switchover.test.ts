import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startWriter, type Writer } from '../faults/support.ts';
import { noKubectl } from './support/kubectl.ts';
import { limitMs, type RunningCluster, type Scenario, startScenario } from './support/scenario.ts';
import { until } from './support/until.ts';

// The primary moves on request, while a client writes through the write Service: nothing acknowledged is lost.

describe('planned switchover', { skip: noKubectl, timeout: 600_000 }, () => {
  let scenario: Scenario;
  let cluster: RunningCluster;
  let writer: Writer;

  before(async () => {
    scenario = await startScenario();
    cluster = await scenario.create('c', { instances: 3 });
    await cluster.onPod('c-1', 'CREATE TABLE notes (n int PRIMARY KEY)');
    const secret = await scenario.kubectl('get', 'secret', 'c-superuser', '-o', 'jsonpath={.data.password}');
    const host = await scenario.kubectl('get', 'service', 'c-rw', '-o', 'jsonpath={.spec.clusterIP}');
    const password = Buffer.from(secret, 'base64').toString();
    writer = startWriter({ host, user: 'postgres', password, database: 'postgres' }, 'notes');
  });
  after(async () => {
    await writer?.stop();
    await scenario?.end();
  });

  const movesTo = async (target: string) => {
    await until(`${target} is the primary`, limitMs, async () => (await cluster.primary()) === target);
    const seen = writer.acknowledged.length;
    await until('rows are written again', limitMs, () => writer.acknowledged.length > seen + 10);
    await cluster.intact();
    await cluster.replayed();
  };
  /** Every acknowledged row is on every instance. */
  const nothingLost = async () => {
    const acknowledged = writer.acknowledged.slice();
    await cluster.replayed();
    for (const name of await cluster.instances()) {
      const present = new Set((await cluster.onPod(name, 'SELECT n FROM notes')).map(({ n }) => n));
      assert.deepEqual(
        acknowledged.filter((n) => !present.has(n)),
        [],
        name,
      );
    }
  };

  test('by the plugin', async () => {
    const timeline = Number(await cluster.get('.status.timelineID'));
    const done = await scenario.kubectl('cnpg', 'promote', 'c', 'c-3');
    assert.equal(done, 'Node c-3 in cluster c will be promoted\n');
    await movesTo('c-3');
    assert.equal(Number(await cluster.get('.status.timelineID')), timeline + 1);
    assert.equal(await cluster.pod('c-1', '.metadata.labels.cnpg\\.io/instanceRole'), 'replica');
    await nothingLost();
  });

  test('by the status alone', async () => {
    const status = { targetPrimary: 'c-2', phase: 'Switchover in progress', phaseReason: 'Switching over to c-2' };
    const patch = JSON.stringify({ status });
    await scenario.kubectl('patch', 'cluster', 'c', '--subresource=status', '--type=merge', '-p', patch);
    await movesTo('c-2');
    await nothingLost();
  });

  test('there and back at once', async () => {
    await scenario.kubectl('cnpg', 'promote', 'c', 'c-1');
    await until('c-1 is the primary', limitMs, async () => (await cluster.primary()) === 'c-1');
    await scenario.kubectl('cnpg', 'promote', 'c', 'c-2');
    await movesTo('c-2');
    await nothingLost();
  });

  test('not to what is no instance, and not to where it is', async () => {
    const unknown = await scenario.kubectl.attempt('cnpg', 'promote', 'c', 'c-7');
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /cluster c has no instance c-7; its instances: c-1, c-2, c-3/);
    assert.equal(
      await scenario.kubectl('cnpg', 'promote', 'c', '2'),
      'c-2 is already the primary node in the cluster\n',
    );
    await cluster.intact();
  });

  test('to an instance that is not there: the primary stays', async () => {
    const patch = JSON.stringify({ status: { targetPrimary: 'c-9' } });
    await scenario.kubectl('patch', 'cluster', 'c', '--subresource=status', '--type=merge', '-p', patch);
    await until(
      'the target is an instance',
      limitMs,
      async () => (await cluster.get('.status.targetPrimary')) !== 'c-9',
    );
    await cluster.intact();
    await nothingLost();
  });
});
