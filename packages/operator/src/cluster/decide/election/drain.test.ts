import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod, Taint } from 'kubernetes-types/core/v1.d.ts';
import type { Model } from '../../testing/model.ts';
import { healthyModel, kubelet, pass, settle } from '../../testing/world.ts';

/** A healthy cluster whose instances run on the nodes that are given for them. */
function spread(nodes: Record<string, string>, settings: Record<string, string> = {}): Model {
  const model = healthyModel({ instances: Object.keys(nodes).length }, settings);
  for (const [name, nodeName] of Object.entries(nodes)) {
    const pod = model.get('pods', name) as Pod;
    model.put('pods', { ...pod, spec: { ...pod.spec, nodeName } } as Pod);
    node(model, nodeName);
  }
  return model;
}

function node(model: Model, name: string, spec: Node['spec'] = {}): void {
  model.nodes.set(name, { metadata: { name }, spec } as Node);
}

const target = (model: Model) => model.cluster.status?.targetPrimary;
const three = { 'prod-1': 'a', 'prod-2': 'b', 'prod-3': 'c' };

test('a cordoned node loses the primary to another node', () => {
  const model = spread(three);
  node(model, 'a', { unschedulable: true });
  pass(model);
  assert.equal(target(model), 'prod-2');
  assert.equal(model.cluster.status?.phase, 'Switchover in progress');
  assert.equal(
    model.events.at(-1),
    'SwitchingOver: Current primary is running on unschedulable node a, switching over from prod-1 to prod-2',
  );
  kubelet(model);
  settle(model);
  assert.equal(model.cluster.status?.currentPrimary, 'prod-2');
});

test('which taints count is configured', () => {
  const taint = (key: string): Taint => ({ key, effect: 'NoSchedule' });
  const cases: [key: string, settings: Record<string, string>, moves: boolean][] = [
    ['karpenter.sh/disrupted', {}, true],
    ['ToBeDeletedByClusterAutoscaler', {}, true],
    ['dedicated', {}, false],
    ['dedicated', { DRAIN_TAINTS: 'dedicated' }, true],
    ['karpenter.sh/disrupted', { DRAIN_TAINTS: 'dedicated' }, false],
  ];
  for (const [key, settings, moves] of cases) {
    const model = spread(three, settings);
    node(model, 'a', { taints: [taint(key)] });
    pass(model);
    assert.equal(target(model), moves ? 'prod-2' : 'prod-1', `${key} ${JSON.stringify(settings)}`);
  }
});

test('the primary stays while it has nowhere to go, or others are not where they should be', () => {
  const cases: [why: string, nodes: Record<string, string>, change: (model: Model) => void][] = [
    ['another node is cordoned', three, (model) => node(model, 'b', { unschedulable: true })],
    ['one of the cordoned node is still to move', { ...three, 'prod-2': 'a' }, () => undefined],
    ['a standby is not ready', three, (model) => conditions(model, 'prod-3', 'False')],
  ];
  for (const [why, nodes, change] of cases) {
    const model = spread(nodes);
    node(model, 'a', { unschedulable: true });
    node(model, 'c', { unschedulable: true });
    change(model);
    pass(model);
    assert.equal(target(model), 'prod-1', why);
  }
});

test('of the candidates, one that streams is taken', () => {
  const model = spread(three);
  node(model, 'a', { unschedulable: true });
  Object.assign(model.reports.get('prod-2') ?? {}, { isWalReceiverActive: false });
  pass(model);
  assert.equal(target(model), 'prod-3');
});

test('an instance that has ended does not hold the primary back', () => {
  const model = spread(three);
  const pod = model.get('pods', 'prod-3') as Pod;
  model.put('pods', { ...pod, status: { phase: 'Failed' } } as Pod);
  model.reports.delete('prod-3');
  node(model, 'a', { unschedulable: true });
  pass(model);
  assert.equal(target(model), 'prod-2');
});

test('a single instance stays', () => {
  const model = spread({ 'prod-1': 'a' });
  node(model, 'a', { unschedulable: true });
  pass(model);
  assert.equal(target(model), 'prod-1');
  assert.equal(model.cluster.status?.phase, 'Cluster in healthy state');
});

function conditions(model: Model, name: string, status: string): void {
  const pod = model.get('pods', name) as Pod;
  model.put('pods', { ...pod, status: { ...pod.status, conditions: [{ type: 'Ready', status }] } } as Pod);
}
