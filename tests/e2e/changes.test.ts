import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ClusterUnderTest, clusterUnderTest } from '../faults/support.ts';
import { type Kubectl, kubectlFor, noKubectl } from './support/kubectl.ts';
import { clusterManifest, manifestFile } from './support/manifests.ts';
import { type Matriarch, startMatriarch } from './support/matriarch.ts';
import { until } from './support/until.ts';

// Changes of a running cluster, one after another on the same one: each must come to every instance, and rows stay.

const limitMs = 60_000;

describe('changes of a running cluster', { skip: noKubectl, timeout: 300_000 }, () => {
  let matriarch: Matriarch;
  let kubectl: Kubectl;
  let cluster: ClusterUnderTest;

  before(async () => {
    matriarch = await startMatriarch({ args: ['--port', '0'] });
    kubectl = kubectlFor(matriarch);
    const parameters = { max_connections: '100' };
    const spec = { instances: 3, enableSuperuserAccess: true, postgresql: { parameters } };
    await kubectl('create', '-f', await manifestFile(matriarch, clusterManifest('c', spec)));
    await until('the secret of the superuser', limitMs, async () => {
      return (await kubectl('get', 'secret', 'c-superuser', '-o', 'name')) !== '';
    });
    cluster = await clusterUnderTest(kubectl, 'c', 3);
    await cluster.healed('created', limitMs);
    await cluster.onPod('c-1', 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n');
  });

  after(async () => {
    await matriarch?.stop();
    await matriarch?.remove();
  });

  const names = ['c-1', 'c-2', 'c-3'];
  const change = (spec: object) => kubectl('patch', 'cluster', 'c', '--type=merge', '-p', JSON.stringify({ spec }));
  const annotate = (text: string) => kubectl('annotate', '--overwrite', 'cluster', 'c', text);
  const restartsOf = async (pods: readonly string[]) => {
    const path = 'jsonpath={.metadata.uid}/{.status.containerStatuses[0].restartCount}';
    return Promise.all(pods.map((pod) => kubectl('get', 'pod', pod, '-o', path)));
  };
  const started = (pod: string) =>
    cluster.onPod(pod, 'SELECT pg_postmaster_start_time()::text AS at').then(([row]) => row?.at);

  /** Waits until a setting has a value on all instances. */
  const setting = (name: string, value: string) =>
    until(`${name} is ${value} everywhere`, limitMs, async () => {
      const found = await Promise.all(
        names.map(async (pod) => (await cluster.onPod(pod, `SELECT current_setting('${name}') AS value`))[0]?.value),
      );
      if (found.some((entry) => entry !== value)) throw new Error(found.join(', '));
      return true;
    });
  const intact = async () => {
    await cluster.healed('after the change', limitMs);
    const [row] = await cluster.onPod(await cluster.primary(), 'SELECT count(*)::int AS count FROM kept');
    assert.equal(row?.count, 1000);
  };

  test('a parameter that needs a reload restarts nothing', async () => {
    const pods = await restartsOf(names);
    const times = await Promise.all(names.map(started));
    await change({ postgresql: { parameters: { max_connections: '100', work_mem: '8MB' } } });
    await setting('work_mem', '8MB');
    await intact();
    assert.deepEqual(await restartsOf(names), pods);
    assert.deepEqual(await Promise.all(names.map(started)), times);
  });

  test('a rule of pg_hba is loaded', async () => {
    await change({ postgresql: { pg_hba: ['hostssl postgres nobody 10.9.8.0/24 reject'] } });
    await until('the rule is there', limitMs, async () => {
      const sql = "SELECT 1 FROM pg_hba_file_rules WHERE address = '10.9.8.0' AND error IS NULL";
      const rows = await Promise.all(names.map((pod) => cluster.onPod(pod, sql)));
      return rows.every(({ length }) => length === 1);
    });
    await intact();
  });

  test('max_connections goes up, standbys first, and down, the primary first', async () => {
    await change({ postgresql: { parameters: { max_connections: '130', work_mem: '8MB' } } });
    await setting('max_connections', '130');
    await intact();
    await change({ postgresql: { parameters: { max_connections: '90', work_mem: '8MB' } } });
    await setting('max_connections', '90');
    await intact();
  });

  test('scaled down to two and up to three', async () => {
    await change({ instances: 2 });
    await until('one instance has gone', limitMs, async () => {
      return (
        (await kubectl('get', 'pods,pvc', '-l', 'cnpg.io/cluster=c', '-o', 'name')).trim().split('\n').length === 4
      );
    });
    await change({ instances: 3 });
    await intact();
  });

  test('a greater volume, and one more for the WAL', async () => {
    await change({ storage: { size: '2Gi' } });
    await until('the claims have grown', limitMs, async () => {
      const sizes = await kubectl('get', 'pvc', '-o', 'jsonpath={.items[*].status.capacity.storage}');
      return sizes === '2Gi 2Gi 2Gi';
    });
    await intact();
    await change({ walStorage: { size: '1Gi' } });
    await until('the WAL is on its own volumes', limitMs, async () => {
      for (const pod of names) {
        const claims = await kubectl(
          'get',
          'pod',
          pod,
          '-o',
          'jsonpath={.spec.volumes[*].persistentVolumeClaim.claimName}',
        );
        if (claims !== `${pod} ${pod}-wal`) throw new Error(`${pod}: ${claims}`);
      }
      return true;
    });
    await intact();
  });

  test('promote of the plugin switches over', async () => {
    const [standby = ''] = await cluster.standbys();
    await kubectl('cnpg', 'promote', 'c', standby);
    await until('the other one is the primary', limitMs, async () => (await cluster.primary()) === standby);
    await intact();
  });

  test('a rolling restart makes every pod anew', async () => {
    const old = await restartsOf(names);
    await annotate(`kubectl.kubernetes.io/restartedAt=2026-01-01T00:00:00Z`);
    await until('every pod is another one', limitMs, async () => {
      const now = await restartsOf(names);
      return now.every((pod, index) => pod !== old[index]);
    });
    await intact();
  });

  test('a fenced standby stops, and starts when the fence is lifted', async () => {
    const [standby = ''] = await cluster.standbys();
    await annotate(`cnpg.io/fencedInstances=["${standby}"]`);
    const answers = () =>
      cluster.onPod(standby, 'SELECT 1').then(
        () => true,
        () => false,
      );
    await until('it has stopped', limitMs, async () => !(await answers()));
    const manager = await kubectl(
      'get',
      '--raw',
      `/api/v1/namespaces/default/pods/https:${standby}:8000/proxy/healthz`,
    );
    assert.equal(manager, 'OK', 'the manager stays');
    await kubectl('annotate', 'cluster', 'c', 'cnpg.io/fencedInstances-');
    await until('it answers again', limitMs, answers);
    await intact();
  });

  test('hibernation takes the pods and gives them back with the data', async () => {
    await annotate('cnpg.io/hibernation=on');
    await until('no pod is left', limitMs, async () => {
      const condition = '.status.conditions[?(@.type=="cnpg.io/hibernation")].reason';
      const reason = await kubectl('get', 'cluster', 'c', '-o', `jsonpath={${condition}}`);
      const pods = await kubectl('get', 'pods', '-l', 'cnpg.io/podRole=instance', '-o', 'name');
      return reason === 'Hibernated' && pods === '';
    });
    await annotate('cnpg.io/hibernation=off');
    await intact();
  });
});
