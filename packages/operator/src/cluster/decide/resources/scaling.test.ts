import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Model } from '../../testing/model.ts';
import { healthyModel, killPrimary, pass, settle } from '../../testing/world.ts';

const names = (model: Model, resource: 'pods' | 'persistentVolumeClaims' | 'jobs') =>
  model.list(resource).map(({ metadata }) => metadata?.name);
const walStorage = { size: '1Gi' };
const notReady = (model: Model, name: string) => {
  const pod = model.get('pods', name) as Pod;
  model.put('pods', { ...pod, status: { ...pod.status, conditions: [{ type: 'Ready', status: 'False' }] } } as Pod);
};

describe('one instance more', () => {
  test('has all its volumes, and the first number that is free', () => {
    const model = healthyModel({ walStorage });
    for (const [resource, name] of [
      ['persistentVolumeClaims', 'prod-2'],
      ['persistentVolumeClaims', 'prod-2-wal'],
      ['pods', 'prod-2'],
    ] as const) {
      model.perform({ kind: 'delete', resource, name });
    }
    model.cluster.spec.instances = 4;
    settle(model);
    assert.deepEqual(names(model, 'pods'), ['prod-1', 'prod-2', 'prod-3', 'prod-4']);
    assert.equal(names(model, 'persistentVolumeClaims').length, 8);
    const made = model.events.filter((text) => text.startsWith('CreatingInstance')).slice(-2);
    assert.deepEqual(made, [
      'CreatingInstance: Creating instance prod-2',
      'CreatingInstance: Creating instance prod-4',
    ]);
  });

  test('is not begun without a primary that is well', () => {
    const model = healthyModel();
    model.cluster.spec.instances = 4;
    notReady(model, 'prod-1');
    pass(model);
    assert.equal(names(model, 'persistentVolumeClaims').length, 3);
    killPrimary(model);
    pass(model);
    assert.equal(names(model, 'persistentVolumeClaims').length, 3);
  });

  test('whose claims got lost in part gets them back empty, and is filled again', () => {
    const model = healthyModel({ walStorage });
    for (const [resource, name] of [
      ['persistentVolumeClaims', 'prod-3'],
      ['pods', 'prod-3'],
    ] as const) {
      model.perform({ kind: 'delete', resource, name });
    }
    pass(model);
    pass(model);
    assert.deepEqual(names(model, 'jobs'), ['prod-3-join']);
    settle(model);
    assert.deepEqual(names(model, 'pods'), ['prod-1', 'prod-2', 'prod-3']);
  });
});

describe('one instance less', () => {
  test('takes the standby with the highest number, with all its volumes', () => {
    const model = healthyModel({ walStorage });
    model.cluster.spec.instances = 2;
    pass(model);
    assert.equal(model.events.at(-1), 'ScaleDown: Scaling down - removing instance: prod-3');
    settle(model);
    assert.deepEqual(names(model, 'persistentVolumeClaims'), ['prod-1', 'prod-1-wal', 'prod-2', 'prod-2-wal']);
  });

  test('never takes the primary', () => {
    const model = healthyModel();
    model.cluster = { ...model.cluster, status: { ...model.cluster.status, targetPrimary: 'prod-3' } };
    settle(model);
    model.cluster.spec.instances = 1;
    settle(model);
    assert.deepEqual(names(model, 'pods'), ['prod-3']);
  });

  test('waits until the others are ready', () => {
    const model = healthyModel();
    notReady(model, 'prod-2');
    model.cluster.spec.instances = 2;
    pass(model);
    assert.equal(names(model, 'pods').length, 3);
    // A node that is away on purpose holds nothing up.
    model.cluster.spec.nodeMaintenanceWindow = { inProgress: true };
    pass(model);
    assert.deepEqual(names(model, 'pods'), ['prod-1', 'prod-2']);
  });

  test('is refused below what synchronous replication was promised', () => {
    const model = healthyModel({ minSyncReplicas: 1, maxSyncReplicas: 2 });
    model.cluster.metadata.annotations = { 'cnpg.io/validation': 'disabled' };
    model.cluster.spec.instances = 2;
    pass(model);
    assert.equal(model.cluster.spec.instances, 3);
    assert.match(model.events.at(-1) ?? '', /^NoScaleDown: /);
  });
});
