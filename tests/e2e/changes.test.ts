import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { noKubectl } from './support/kubectl.ts';
import { limitMs, type RunningCluster, type Scenario, startScenario } from './support/scenario.ts';
import { until } from './support/until.ts';

// Changes of a running cluster, one after another on the same one: each must come to every instance, and rows stay.

describe('changes of a running cluster', { skip: noKubectl, timeout: 600_000 }, () => {
  let scenario: Scenario;
  let cluster: RunningCluster;

  before(async () => {
    scenario = await startScenario();
    cluster = await scenario.create('c', {
      instances: 3,
      walStorage: { size: '1Gi' },
      minSyncReplicas: 1,
      maxSyncReplicas: 1,
      smartShutdownTimeout: 3,
    });
  });
  after(() => scenario?.end());

  const objects = async (kinds: string) => {
    const names = await scenario.kubectl('get', kinds, '-l', 'cnpg.io/cluster=c', '-o', 'name');
    return names.trim().split('\n').sort();
  };

  test('scaled up: the new one has both volumes, streams and confirms', async () => {
    await cluster.change({ instances: 4, maxSyncReplicas: 3 });
    await cluster.intact(4);
    const claims = await objects('pvc');
    assert.equal(claims.length, 8);
    assert.ok(claims.includes('persistentvolumeclaim/c-4-wal'));
    await cluster.setting('synchronous_standby_names', 'ANY 3 ("c-2","c-3","c-4")', ['c-1']);
  });

  test('not scaled down below what may be synchronous', async () => {
    const patch = ['patch', 'cluster', 'c', '--type=merge', '-p', '{"spec":{"instances":3}}'];
    assert.match((await scenario.kubectl.attempt(...patch)).stderr, /maxSyncReplicas/);
    // Without the webhook's look the operator itself goes back.
    await cluster.annotate('cnpg.io/validation=disabled');
    await cluster.change({ instances: 3 });
    await cluster.event('NoScaleDown', /^Can't scale down lower than maxSyncReplicas, going back to 4$/);
    assert.equal(await cluster.get('.spec.instances'), '4');
    await scenario.kubectl('annotate', 'cluster', 'c', 'cnpg.io/validation-');
    await cluster.intact(4);
  });

  test('scaled down, never the primary; the gap is filled when it goes up again', async () => {
    await scenario.kubectl('cnpg', 'promote', 'c', 'c-4');
    await until('c-4 is the primary', limitMs, async () => (await cluster.primary()) === 'c-4');
    await cluster.intact(4);
    await cluster.change({ instances: 3, maxSyncReplicas: 1 });
    await cluster.event('ScaleDown', /^Scaling down - removing instance: c-3$/);
    await cluster.intact();
    const left = ['c-1', 'c-2', 'c-4'];
    const claims = left.flatMap((name) => [`persistentvolumeclaim/${name}`, `persistentvolumeclaim/${name}-wal`]);
    assert.deepEqual(await objects('pods,pvc'), [...claims, ...left.map((name) => `pod/${name}`)]);
    const slots = await cluster.onPod('c-4', 'SELECT slot_name FROM pg_replication_slots ORDER BY 1');
    assert.deepEqual(slots, [{ slot_name: '_cnpg_c_1' }, { slot_name: '_cnpg_c_2' }]);
    await cluster.change({ instances: 4 });
    await cluster.intact(4);
    assert.deepEqual(await cluster.instances(), ['c-1', 'c-2', 'c-3', 'c-4']);
    await cluster.change({ instances: 3 });
    await cluster.intact();
  });

  test('a greater volume', async () => {
    await cluster.change({ storage: { size: '2Gi' } });
    await until('the claims have grown', limitMs, async () => {
      const sizes = await scenario.kubectl('get', 'pvc', '-o', 'jsonpath={.items[*].status.capacity.storage}');
      return sizes === '2Gi 1Gi 2Gi 1Gi 2Gi 1Gi';
    });
    await cluster.intact();
  });

  test('one more volume, attached', async () => {
    const single = await scenario.create('w', { instances: 1, smartShutdownTimeout: 3 });
    await single.change({ walStorage: { size: '1Gi' } });
    await until('the WAL is on its own volumes', limitMs, async () => {
      return (await single.pod('w-1', '.spec.volumes[*].persistentVolumeClaim.claimName')) === 'w-1 w-1-wal';
    });
    await single.intact();
  });

  test('a fenced standby stops, and starts when the fence is lifted', async () => {
    const [standby = ''] = await cluster.standbys();
    await cluster.annotate(`cnpg.io/fencedInstances=["${standby}"]`);
    const answers = () =>
      cluster.onPod(standby, 'SELECT 1').then(
        () => true,
        () => false,
      );
    await until('it has stopped', limitMs, async () => !(await answers()));
    const manager = `/api/v1/namespaces/default/pods/https:${standby}:8000/proxy/healthz`;
    assert.equal(await scenario.kubectl('get', '--raw', manager), 'OK', 'the manager stays');
    await scenario.kubectl('annotate', 'cluster', 'c', 'cnpg.io/fencedInstances-');
    await until('it answers again', limitMs, answers);
    await cluster.intact();
  });
});
