import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Model } from '../testing/model.ts';
import { healthyModel, killPrimary, kubelet, pass, settle } from '../testing/world.ts';

const condition = (model: Model) =>
  model.cluster.status?.conditions?.find(({ type }) => type === 'cnpg.io/hibernation');
const pods = (model: Model) => model.list('pods').map(({ metadata }) => metadata?.name);
const ask = (model: Model, value: 'on' | 'off') => {
  model.cluster.metadata.annotations = { ...model.cluster.metadata.annotations, 'cnpg.io/hibernation': value };
};

describe('hibernation', () => {
  test('takes the pods one by one, the primary first, and says how far it is', () => {
    const model = healthyModel();
    ask(model, 'on');
    pass(model);
    assert.deepEqual(pods(model), ['prod-2', 'prod-3']);
    assert.equal(condition(model)?.reason, 'DeletingPods');
    const leaving = model.get('pods', 'prod-2') as Pod;
    model.put('pods', { ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    pass(model);
    assert.equal(condition(model)?.reason, 'WaitingPodsDeletion');
    assert.equal(condition(model)?.message, 'Waiting for prod-2 to be deleted');
    model.perform({ kind: 'delete', resource: 'pods', name: 'prod-2' });
    settle(model);
    assert.deepEqual(pods(model), []);
    assert.equal(`${condition(model)?.status} ${condition(model)?.message}`, 'True Cluster has been hibernated');
    assert.equal(model.list('persistentVolumeClaims').length, 3);
    assert.deepEqual(pass(model).actions, []);
  });

  test('waits for a cluster that is not healthy, and begins when it is', () => {
    const model = healthyModel();
    const old = killPrimary(model);
    pass(model);
    ask(model, 'on');
    pass(model);
    model.perform({ kind: 'delete', resource: 'pods', name: old });
    for (let round = 0; round < 40 && condition(model)?.reason !== 'Hibernated'; round += 1) {
      if (model.cluster.status?.phase !== 'Cluster in healthy state') {
        assert.ok(pods(model).length >= 2, 'nothing is taken from it');
        assert.notEqual(condition(model)?.reason, 'DeletingPods');
      }
      pass(model);
      kubelet(model);
    }
    assert.equal(condition(model)?.reason, 'Hibernated');
  });

  test('goes on once begun, although the phase says something else', () => {
    const model = healthyModel();
    ask(model, 'on');
    pass(model);
    model.cluster = { ...model.cluster, status: { ...model.cluster.status, phase: 'Failing over' } as never };
    pass(model);
    assert.equal(pods(model).length, 1);
  });

  test('gives everything back, the primary before all others', () => {
    const model = healthyModel({ minSyncReplicas: 1, maxSyncReplicas: 1 });
    ask(model, 'on');
    settle(model);
    ask(model, 'off');
    pass(model);
    assert.deepEqual(pods(model), ['prod-1']);
    assert.equal(condition(model), undefined);
    settle(model);
    assert.equal(model.cluster.status?.readyInstances, 3);
    assert.equal(model.cluster.status?.currentPrimary, 'prod-1');
  });

  test('that had only begun is given up, and the cluster is whole again', () => {
    for (const passes of [1, 2]) {
      const model = healthyModel();
      ask(model, 'on');
      for (let round = 0; round < passes; round += 1) pass(model);
      ask(model, 'off');
      for (let round = 0; round < 30; round += 1) {
        for (const report of model.reports.values()) report.isWalReceiverActive = false;
        pass(model);
        kubelet(model);
      }
      assert.equal(condition(model), undefined);
      assert.equal(model.cluster.status?.readyInstances, 3);
    }
  });
});
