import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { noKubectl } from './support/kubectl.ts';
import { notAskedFor } from './support/long.ts';
import { limitMs, type RunningCluster, type Scenario, startScenario } from './support/scenario.ts';
import { until } from './support/until.ts';

// Changes of the configuration of a running cluster, one after another on the same one: each must come to every instance,
// nothing is restarted that need not be, and a setting that PostgreSQL refuses takes nothing down.

const names = ['c-1', 'c-2', 'c-3'];

describe('changes of the configuration', { skip: noKubectl, timeout: 600_000 }, () => {
  let scenario: Scenario;
  let cluster: RunningCluster;
  const parameters = (values: Record<string, string | null>) => cluster.change({ postgresql: { parameters: values } });
  const started = (pod: string) =>
    cluster.onPod(pod, 'SELECT pg_postmaster_start_time()::text AS at').then(([row]) => row?.at);
  const startTimes = () => Promise.all(names.map(started));

  before(async () => {
    scenario = await startScenario();
    cluster = await scenario.create('c', {
      instances: 3,
      postgresql: { parameters: { max_connections: '100' } },
      smartShutdownTimeout: 5,
    });
  });
  after(() => scenario?.end());

  test('a parameter and a rule of pg_hba are loaded, and nothing is restarted', async () => {
    const [pods, times] = [await cluster.pods(), await startTimes()];
    await cluster.change({
      postgresql: { parameters: { work_mem: '8MB' }, pg_hba: ['hostssl postgres nobody 10.9.8.0/24 reject'] },
    });
    await cluster.setting('work_mem', '8MB');
    await until('the rule is there', limitMs, async () => {
      const sql = "SELECT 1 FROM pg_hba_file_rules WHERE address = '10.9.8.0' AND error IS NULL";
      const rows = await Promise.all(names.map((pod) => cluster.onPod(pod, sql)));
      return rows.every(({ length }) => length === 1);
    });
    await cluster.intact();
    assert.deepEqual(await cluster.pods(), pods);
    assert.deepEqual(await startTimes(), times);
    const refused = await scenario.kubectl(
      'get',
      'events',
      '--field-selector=reason=ConfigurationRefused',
      '-o',
      'name',
    );
    assert.equal(refused, '', 'of what the operator itself sets PostgreSQL takes everything');
  });

  test('what needs a restart goes to the standbys first, and the pod of the primary stays', async () => {
    const before = await cluster.pods();
    await parameters({ max_connections: '130' });
    await cluster.setting('max_connections', '130', ['c-2', 'c-3']);
    await cluster.setting('max_connections', '130', ['c-1']);
    await cluster.intact();
    const now = await cluster.pods();
    assert.equal(now.get('c-1'), before.get('c-1'));
    assert.notEqual(now.get('c-2'), before.get('c-2'));
    assert.ok(((await started('c-2')) as string) < ((await started('c-1')) as string), 'the primary was the last');
  });

  test('smaller values go to the primary first', async () => {
    await parameters({ max_connections: '90' });
    await cluster.setting('max_connections', '90');
    await cluster.intact();
    assert.ok(((await started('c-1')) as string) < ((await started('c-2')) as string), 'the primary was the first');
  });

  // After a person's restart the standbys follow within one to two minutes only, sometimes later than the deadlines here.
  test('supervised, smaller values wait for a person', { skip: notAskedFor }, async () => {
    const times = await startTimes();
    await cluster.change({
      primaryUpdateStrategy: 'supervised',
      postgresql: { parameters: { max_connections: '80' } },
    });
    await cluster.phase('Waiting for user action');
    assert.equal(await cluster.get('.status.phaseReason'), 'User must issue a supervised switchover');
    assert.deepEqual(await startTimes(), times);
    await scenario.kubectl('cnpg', 'restart', 'c', 'c-1');
    await cluster.setting('max_connections', '80');
    await cluster.change({ primaryUpdateStrategy: 'unsupervised' });
    await cluster.intact();
  });

  test('a value that the primary refuses is not its end: it goes on with the one it had', async () => {
    const pods = await cluster.pods();
    const [row] = await cluster.onPod('c-1', "SELECT current_setting('max_connections') AS value");
    const limit = String(row?.value);
    // Fewer than PostgreSQL reserves for superusers.
    await parameters({ max_connections: '3' });
    await cluster.event('ConfigurationRefused', /c-1 refuses the new values of max_connections and goes on/);
    await cluster.intact();
    await cluster.setting('max_connections', limit);
    assert.deepEqual(await cluster.pods(), pods);
    await parameters({ max_connections: '85' });
    await cluster.setting('max_connections', '85');
    await cluster.intact();
  });

  test('a value that cannot be loaded is left out, and what else came with it is loaded', async () => {
    await parameters({ work_mem: 'plenty', no_such_setting: 'x', maintenance_work_mem: '65MB' });
    await cluster.event('ConfigurationRefused', /c-2 refuses the new values of no_such_setting and goes on/);
    await cluster.event('ConfigurationRefused', /c-2 refuses the new values of work_mem and goes on/);
    await cluster.setting('maintenance_work_mem', '65MB');
    await cluster.setting('work_mem', '8MB');
    await cluster.intact();
    await parameters({ work_mem: '9MB', no_such_setting: null });
    await cluster.setting('work_mem', '9MB');
  });

  test('a library that a standby cannot load ends there: the others never see it', async () => {
    const [pods, times] = [await cluster.pods(), await startTimes()];
    await cluster.change({ postgresql: { shared_preload_libraries: ['no_such_library'] } });
    await until('one standby is away', limitMs, async () => (await cluster.get('.status.readyInstances')) === '2');
    await until('and its PostgreSQL ends again and again', limitMs, async () => {
      const restarts = await Promise.all(
        names.map((name) => cluster.pod(name, '.status.containerStatuses[0].restartCount')),
      );
      return restarts.some((count) => Number(count) > 0);
    });
    const changed = [...(await cluster.pods())].filter(([name, uid]) => pods.get(name) !== uid);
    assert.equal(changed.length, 1, 'only one was restarted');
    const [[failing = ''] = []] = changed;
    assert.equal(await started('c-1'), times[0]);
    await cluster.onPod('c-1', 'CREATE TABLE still_writable ()');
    await cluster.change({ postgresql: { shared_preload_libraries: [] } });
    // The kubelet would start it by itself, after a back-off that is long by now.
    await scenario.kubectl('delete', 'pod', failing, '--wait=false');
    await cluster.intact();
  });
});
