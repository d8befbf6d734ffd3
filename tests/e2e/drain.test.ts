import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { noKubectl } from './support/kubectl.ts';
import { limitMs, type RunningCluster, type Scenario, startScenario } from './support/scenario.ts';
import { until } from './support/until.ts';

// Nodes are emptied under a running cluster. Two nodes in each of three zones; a volume stays in its zone.

const drainFlags = ['--ignore-daemonsets', '--delete-emptydir-data', '--force'];

describe('nodes that are emptied', { skip: noKubectl, timeout: 600_000 }, () => {
  let scenario: Scenario;
  let cluster: RunningCluster;

  before(async () => {
    scenario = await startScenario(['--nodes', '6']);
    cluster = await scenario.create('c', { instances: 3, smartShutdownTimeout: 3 });
  });
  after(() => scenario?.end());

  const kubectl = (...args: string[]) => scenario.kubectl(...args);
  const nodeOf = (pod: string) => cluster.pod(pod, '.spec.nodeName');
  const claimOf = (pod: string) => kubectl('get', 'pvc', pod, '-o', 'jsonpath={.metadata.uid}');
  /** The node and the other one of its zone, where alone the volume of a pod can be used. */
  const zoneOf = async (node: string) => {
    const zone = await kubectl(
      'get',
      'node',
      node,
      '-o',
      'jsonpath={.metadata.labels.topology\\.kubernetes\\.io/zone}',
    );
    const names = await kubectl(
      'get',
      'nodes',
      '-l',
      `topology.kubernetes.io/zone=${zone}`,
      '-o',
      'jsonpath={.items[*].metadata.name}',
    );
    return names.split(' ');
  };
  const budgets = async () => {
    const path = 'jsonpath={range .items[*]}{.metadata.name}:{.spec.minAvailable}:{.status.disruptionsAllowed} {end}';
    return (await kubectl('get', 'pdb', '-o', path)).trim();
  };
  const budgetsAre = (expected: string) =>
    until(`the budgets are "${expected}"`, limitMs, async () => {
      const found = await budgets();
      if (found !== expected) throw new Error(found);
      return true;
    });

  test('the budgets: no primary, and one replica at a time', async () => {
    await budgetsAre('c:1:1 c-primary:1:0');
    await cluster.change({ enablePDB: false });
    await budgetsAre('');
    await cluster.change({ enablePDB: true });
    await budgetsAre('c:1:1 c-primary:1:0');
  });

  test('drain: the primary is refused until the operator has moved it', async () => {
    const primary = await cluster.primary();
    const node = await nodeOf(primary);
    const { code, stdout, stderr } = await scenario.kubectl.attempt('drain', node, ...drainFlags, '--timeout=90s');
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`pod/${primary} evicted`));
    await cluster.intact();
    assert.notEqual(await cluster.primary(), primary);
    assert.notEqual(await nodeOf(primary), node);
    await cluster.event('SwitchingOver', new RegExp(`unschedulable node ${node}, switching over from ${primary} to`));
    await kubectl('uncordon', node);
    await budgetsAre('c:1:1 c-primary:1:0');
  });

  test('a taint that announces a drain moves the primary, and nothing else', async () => {
    const [primary, pods] = [await cluster.primary(), await cluster.pods()];
    const node = await nodeOf(primary);
    await kubectl('taint', 'node', node, 'karpenter.sh/disrupted=:NoSchedule');
    await until('the primary is elsewhere', limitMs, async () => (await cluster.primary()) !== primary);
    await cluster.intact();
    assert.deepEqual(await cluster.pods(), pods);
    await kubectl('taint', 'node', node, 'karpenter.sh/disrupted-');
  });

  test('maintenance: a standby waits for its node, with its volume', async () => {
    await cluster.change({ nodeMaintenanceWindow: { inProgress: true, reusePVC: true } });
    await budgetsAre('c-primary:1:0');
    const [standby = ''] = await cluster.standbys();
    const claim = await claimOf(standby);
    const zone = await zoneOf(await nodeOf(standby));
    for (const node of zone) await kubectl('cordon', node);
    await kubectl('delete', 'pod', standby);
    await until(
      'the pod waits for a node',
      limitMs,
      async () => (await cluster.pod(standby, '.status.phase')) === 'Pending',
    );
    await cluster.phase('Waiting for the instances to become active');
    for (const node of zone) await kubectl('uncordon', node);
    await cluster.intact();
    assert.equal(await claimOf(standby), claim);
  });

  test('maintenance without the volumes: a standby is made anew elsewhere', async () => {
    await cluster.change({ nodeMaintenanceWindow: { inProgress: true, reusePVC: false } });
    await budgetsAre('c:1:1 c-primary:1:0');
    const [standby = ''] = await cluster.standbys();
    const claim = await claimOf(standby);
    const zone = await zoneOf(await nodeOf(standby));
    for (const node of zone) await kubectl('cordon', node);
    await kubectl('delete', 'pod', standby);
    await cluster.intact();
    assert.notEqual(await claimOf(standby), claim);
    assert.ok(!zone.includes(await nodeOf(standby)));
    await cluster.event('DeletePVCs', new RegExp(standby));
    for (const node of zone) await kubectl('uncordon', node);
    await cluster.change({ nodeMaintenanceWindow: { inProgress: false } });
  });

  test('a single instance is refused until there is maintenance', async () => {
    const single = await scenario.create('s', { instances: 1, smartShutdownTimeout: 3 });
    const node = await single.pod('s-1', '.spec.nodeName');
    const refused = await scenario.kubectl.attempt(
      'drain',
      node,
      ...drainFlags,
      '--pod-selector=cnpg.io/cluster=s',
      '--timeout=2s',
    );
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /Cannot evict pod as it would violate the pod's disruption budget/);
    await single.change({ nodeMaintenanceWindow: { inProgress: true } });
    await budgetsAre('c:1:1 c-primary:1:0');
    await kubectl('drain', node, ...drainFlags, '--pod-selector=cnpg.io/cluster=s', '--timeout=60s');
    await until('it runs on another node', limitMs, async () => (await single.pod('s-1', '.spec.nodeName')) !== node);
    await single.intact();
    await kubectl('uncordon', node);
  });
});
