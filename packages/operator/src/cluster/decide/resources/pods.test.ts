import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Model } from '../../testing/model.ts';
import { healthyModel, pass, settle } from '../../testing/world.ts';

const claims = (model: Model) => model.list('persistentVolumeClaims').map(({ metadata }) => metadata?.name);

/** The scheduler finds no node for the pod. */
function unschedulable(model: Model, name: string): void {
  const pod = model.get('pods', name) as Pod;
  const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }];
  model.put('pods', { ...pod, status: { phase: 'Pending', conditions } } as Pod);
  model.reports.delete(name);
}

const deletions = (model: Model) =>
  pass(model).actions.flatMap((action) => (action.kind === 'delete' ? [`${action.resource}/${action.name}`] : []));

describe('a pod that fits nowhere', () => {
  test('waits', () => {
    const model = healthyModel();
    unschedulable(model, 'prod-3');
    assert.deepEqual(deletions(model), []);
    assert.equal(model.cluster.status?.phase, 'Waiting for the instances to become active');
  });

  test('is made anew when it should be another one', () => {
    const model = healthyModel();
    unschedulable(model, 'prod-3');
    model.cluster.spec.resources = { requests: { cpu: '100m' } };
    assert.deepEqual(deletions(model), ['pods/prod-3']);
    assert.equal(model.events.at(-1), 'DeletePod: Deleted unschedulable pod prod-3');
    assert.equal(claims(model).length, 3);
  });

  test('waits for its node during maintenance, with its volumes', () => {
    const model = healthyModel();
    model.cluster.spec.nodeMaintenanceWindow = { inProgress: true, reusePVC: true };
    settle(model);
    unschedulable(model, 'prod-3');
    assert.deepEqual(deletions(model), []);
  });

  test('is made anew elsewhere during maintenance without its volumes', () => {
    const model = healthyModel({ walStorage: { size: '1Gi' } });
    model.cluster.spec.nodeMaintenanceWindow = { inProgress: true, reusePVC: false };
    settle(model);
    unschedulable(model, 'prod-3');
    assert.deepEqual(deletions(model), [
      'pods/prod-3',
      'persistentVolumeClaims/prod-3',
      'persistentVolumeClaims/prod-3-wal',
    ]);
    settle(model);
    assert.equal(model.cluster.status?.readyInstances, 3);
  });

  test('keeps the volumes of the primary in every case', () => {
    const model = healthyModel({ instances: 1, nodeMaintenanceWindow: { inProgress: true, reusePVC: false } });
    unschedulable(model, 'prod-1');
    assert.deepEqual(deletions(model), []);
    assert.deepEqual(claims(model), ['prod-1']);
  });
});

test('a pod that has ended is made anew from its volumes', () => {
  const model = healthyModel();
  const pod = model.get('pods', 'prod-2') as Pod;
  model.put('pods', { ...pod, status: { phase: 'Failed' } } as Pod);
  model.reports.delete('prod-2');
  assert.deepEqual(deletions(model), ['pods/prod-2']);
  assert.equal(model.events.at(-1), "DeletePod: Deleted 'Failed' pod: 'prod-2'");
  settle(model);
  assert.equal(claims(model).length, 3);
});

test('an instance that a person gave up is thrown away, unless it is the primary', () => {
  const model = healthyModel();
  const mark = (name: string) => {
    const pod = model.get('pods', name);
    const annotations = { ...pod?.metadata?.annotations, 'alpha.cnpg.io/unrecoverable': 'true' };
    model.put('pods', { ...pod, metadata: { ...pod?.metadata, annotations } });
  };
  mark('prod-1');
  assert.deepEqual(deletions(model), []);
  mark('prod-2');
  assert.deepEqual(deletions(model), ['persistentVolumeClaims/prod-2', 'pods/prod-2']);
  assert.match(model.events.at(-1) ?? '', /^DeleteUnrecoverableInstance: Deleted unrecoverable instance prod-2/);
});
