import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { InstanceReport } from '../../../instances/report.ts';
import type { Model } from '../../testing/model.ts';
import { healthyModel, kubelet, pass } from '../../testing/world.ts';
import { goDuration } from './pace.ts';

/** What the next pass rolls out, with the reason that is logged. */
function rolled(model: Model): { instance: string; reason: string } | undefined {
  for (const action of pass(model).actions) {
    if (action.kind === 'recordRollout') return { instance: action.instance, reason: action.reason };
  }
  return undefined;
}

const report = (model: Model, name: string, change: Partial<InstanceReport>) =>
  Object.assign(model.reports.get(name) ?? {}, change);
const restartAll = (model: Model) => {
  model.cluster.metadata.annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' };
};
const deleted = (model: Model) =>
  pass(model).actions.flatMap((action) =>
    action.kind === 'delete' && action.resource === 'pods' ? [action.name] : [],
  );
const phase = (model: Model) => model.cluster.status?.phase;
const notReady = (model: Model, name: string) => {
  const pod = model.get('pods', name) as Pod;
  model.put('pods', { ...pod, status: { ...pod.status, conditions: [{ type: 'Ready', status: 'False' }] } } as Pod);
};

describe('why an instance is rolled out', () => {
  test('an instance just created needs nothing', () => {
    assert.equal(rolled(healthyModel()), undefined);
  });

  test('what its manager says', () => {
    const cases: [reason: RegExp, change: Partial<InstanceReport>][] = [
      [/needs a restart to apply some configuration/, { pendingRestart: true }],
      [/not reporting the executable hash/, { executableHash: '' }],
    ];
    for (const [reason, change] of cases) {
      const model = healthyModel();
      report(model, 'prod-2', change);
      const found = rolled(model);
      assert.equal(found?.instance, 'prod-2');
      assert.match(found?.reason ?? '', reason);
    }
  });

  test('what its pod should be', () => {
    const cases: [reason: RegExp, change: (model: Model) => void][] = [
      [/cluster has been explicitly restarted via annotation/, restartAll],
      [
        /container postgres differs in resources/,
        ({ cluster }) => (cluster.spec.resources = { requests: { cpu: '1' } }),
      ],
      [
        /using a different image: postgres:17.2 -> postgres:17.4/,
        ({ cluster }) => (cluster.spec.imageName = 'postgres:17.4'),
      ],
      [/termination-grace-period/, ({ cluster }) => (cluster.spec.stopDelay = 60)],
      [/projected volume has changed/, ({ cluster }) => (cluster.spec.projectedVolumeTemplate = { sources: [] })],
    ];
    for (const [reason, change] of cases) {
      const model = healthyModel();
      change(model);
      const found = rolled(model);
      assert.equal(found?.instance, 'prod-3');
      assert.match(found?.reason ?? '', reason);
    }
  });

  test('a pod whose specification is not to be kept is not compared, but for what always counts', () => {
    const model = healthyModel();
    model.cluster.metadata.annotations = { 'cnpg.io/reconcilePodSpec': 'disabled' };
    model.cluster.spec.resources = { requests: { cpu: '1' } };
    assert.equal(rolled(model), undefined);
    model.cluster.spec.imageName = 'postgres:17.4';
    assert.match(rolled(model)?.reason ?? '', /different image/);
  });

  test('a new volume for the WAL is made first, then attached', () => {
    const model = healthyModel();
    model.cluster.spec.walStorage = { size: '1Gi' };
    assert.match(rolled(model)?.reason ?? '', /attaching a new PVC to the instance Pod: prod-3-wal/);
    assert.ok(model.get('persistentVolumeClaims', 'prod-3-wal'));
  });
});

describe('who is left alone', () => {
  test('an instance that may be away by its own will', () => {
    const model = healthyModel();
    report(model, 'prod-2', { pendingRestart: true, mightBeUnavailable: true });
    assert.equal(rolled(model), undefined);
  });

  test('a fenced one; the others are rolled', () => {
    const model = healthyModel();
    restartAll(model);
    Object.assign(model.cluster.metadata.annotations ?? {}, { 'cnpg.io/fencedInstances': '["prod-3"]' });
    assert.equal(rolled(model)?.instance, 'prod-2');
  });

  test('all, while one is not ready, does not answer or has another configuration loaded', () => {
    const cases: ((model: Model) => void)[] = [
      (model) => notReady(model, 'prod-2'),
      (model) => model.reports.delete('prod-2'),
      (model) => report(model, 'prod-2', { loadedConfigurationHash: 'other' }),
      (model) => model.perform({ kind: 'delete', resource: 'pods', name: 'prod-2' }),
    ];
    for (const [index, change] of cases.entries()) {
      const model = healthyModel();
      restartAll(model);
      change(model);
      assert.equal(rolled(model), undefined, `case ${index}`);
    }
  });

  test('configurations may differ between images and between managers', () => {
    const model = healthyModel();
    model.cluster.spec.imageName = 'postgres:17.4';
    assert.equal(rolled(model)?.instance, 'prod-3');
    pass(model);
    kubelet(model);
    report(model, 'prod-3', { loadedConfigurationHash: 'of the new image' });
    assert.equal(rolled(model)?.instance, 'prod-2');
    const managers = healthyModel();
    restartAll(managers);
    report(managers, 'prod-3', { loadedConfigurationHash: 'x', instanceManagerVersion: '2' });
    assert.equal(rolled(managers)?.instance, 'prod-3');
  });

  test('everything after a standby that did not come back', () => {
    const model = healthyModel();
    restartAll(model);
    assert.deepEqual(deleted(model), ['prod-3']);
    pass(model);
    kubelet(model);
    notReady(model, 'prod-3');
    model.reports.delete('prod-3');
    for (let round = 0; round < 5; round += 1) assert.deepEqual(deleted(model), []);
    assert.equal(model.cluster.status?.targetPrimary, 'prod-1');
  });
});

describe('the order', () => {
  test('the standby that is furthest behind first, the primary last', () => {
    const model = healthyModel();
    report(model, 'prod-2', { receivedLsn: '0/2000000' });
    model.cluster.spec.stopDelay = 60;
    const order: string[] = [];
    for (let round = 0; round < 30 && order.length < 3; round += 1) {
      order.push(...deleted(model));
      kubelet(model);
    }
    assert.deepEqual(order, ['prod-2', 'prod-3', 'prod-1']);
    assert.deepEqual(
      model.events.filter((text) => text.startsWith('Upgrading')),
      ['UpgradingInstance: Upgrading instance prod-2', 'UpgradingInstance: Upgrading instance prod-3'],
    );
  });
});

/** All standbys are done, the primary is left, and needs a new pod. */
function primaryLeft(spec: Parameters<typeof healthyModel>[0] = {}): Model {
  const model = healthyModel(spec);
  model.cluster.spec.imageName = 'postgres:17.4';
  for (const name of ['prod-2', 'prod-3']) {
    const pod = model.get('pods', name) as Pod;
    if (!pod) continue;
    const renamed = (text: string) => JSON.parse(text.replaceAll('postgres:17.2', 'postgres:17.4'));
    const annotations = { ...pod.metadata?.annotations };
    annotations['cnpg.io/podSpec'] = JSON.stringify(renamed(annotations['cnpg.io/podSpec'] ?? ''));
    const metadata = { ...pod.metadata, annotations };
    model.put('pods', { ...pod, metadata, spec: renamed(JSON.stringify(pod.spec)) } as Pod);
  }
  return model;
}

describe('the primary', () => {
  test('is made anew without a switchover, and no failover happens until all are back', () => {
    const model = primaryLeft();
    assert.deepEqual(deleted(model), ['prod-1']);
    assert.equal(phase(model), 'Primary instance is being restarted without a switchover');
    for (const { isWalReceiverActive } of model.reports.values()) assert.ok(isWalReceiverActive);
    for (const standby of model.reports.values()) standby.isWalReceiverActive = false;
    pass(model);
    assert.equal(model.cluster.status?.targetPrimary, 'prod-1');
    assert.ok(model.get('pods', 'prod-1'), 'its pod comes back');
    kubelet(model);
    for (let round = 0; round < 3; round += 1) pass(model);
    assert.equal(phase(model), 'Cluster in healthy state');
    assert.equal(model.cluster.status?.currentPrimary, 'prod-1');
  });

  test('hands over to the best standby first, by the method switchover', () => {
    const model = primaryLeft({ primaryUpdateMethod: 'switchover' });
    report(model, 'prod-3', { receivedLsn: '0/4000000' });
    assert.deepEqual(deleted(model), []);
    assert.equal(model.cluster.status?.targetPrimary, 'prod-3');
    assert.equal(phase(model), 'Upgrading cluster');
    assert.equal(model.events.at(-1), 'Switchover: Initiating switchover to prod-3 to upgrade prod-1');
  });

  test('does not hand over to a standby that receives nothing, and takes no slot meanwhile', () => {
    const model = primaryLeft({ primaryUpdateMethod: 'switchover' });
    for (const name of ['prod-2', 'prod-3']) report(model, name, { isWalReceiverActive: false });
    const { actions, result } = pass(model);
    assert.deepEqual(
      actions.map(({ kind }) => kind),
      ['patchStatus'],
    );
    assert.equal(model.cluster.status?.targetPrimary, 'prod-1');
    assert.ok(result.kind === 'requeue' && result.afterMs === 5_000);
  });

  test('of one instance is made anew by either method', () => {
    for (const primaryUpdateMethod of ['restart', 'switchover'] as const) {
      assert.deepEqual(deleted(primaryLeft({ instances: 1, primaryUpdateMethod })), ['prod-1']);
    }
  });

  test('waits for a person when supervised, takes no slot, and is rolled once another is the primary', () => {
    const model = primaryLeft({ primaryUpdateStrategy: 'supervised' });
    assert.equal(rolled(model), undefined);
    assert.equal(phase(model), 'Waiting for user action');
    assert.equal(model.cluster.status?.phaseReason, 'User must issue a supervised switchover');
    model.cluster = { ...model.cluster, status: { ...model.cluster.status, targetPrimary: 'prod-2' } };
    kubelet(model);
    report(model, 'prod-1', { isWalReceiverActive: true });
    assert.equal(rolled(model)?.instance, 'prod-1');
  });

  test('is restarted in place when a person asks, and remembers that it was', () => {
    const model = healthyModel({ instances: 1 });
    restartAll(model);
    assert.equal(rolled(model)?.instance, 'prod-1');
    assert.equal(phase(model), 'Primary instance is being restarted in-place');
    assert.deepEqual(pass(model).actions, []);
    const healthy = { ...model.cluster.status, phase: 'Cluster in healthy state' as const };
    model.cluster = { ...model.cluster, status: healthy };
    assert.equal(rolled(model), undefined);
    const drifted = healthyModel({ instances: 1 });
    restartAll(drifted);
    drifted.cluster.spec.stopDelay = 60;
    assert.deepEqual(deleted(drifted), ['prod-1'], 'a pod that should be another one is made anew');
  });

  test('is restarted in place where only PostgreSQL needs it, once', () => {
    const model = healthyModel({}, { INSTANCES_ROLLOUT_DELAY: '300' });
    report(model, 'prod-1', { pendingRestart: true });
    assert.equal(rolled(model)?.instance, 'prod-1');
    assert.equal(phase(model), 'Primary instance is being restarted in-place');
    assert.ok(model.get('pods', 'prod-1'));
    assert.deepEqual(pass(model).actions, [], 'its manager is at it, and no pause may hide the phase from it');
    report(model, 'prod-1', { pendingRestart: false });
    assert.deepEqual(pass(model).actions, [], 'the manager ends the phase');
  });

  test('restarts itself for smaller settings', () => {
    const model = healthyModel();
    report(model, 'prod-1', { pendingRestart: true, pendingRestartForDecrease: true });
    assert.deepEqual(pass(model).actions, []);
    const supervised = healthyModel({ primaryUpdateStrategy: 'supervised' });
    report(supervised, 'prod-1', { pendingRestart: true, pendingRestartForDecrease: true });
    pass(supervised);
    assert.equal(phase(supervised), 'Waiting for user action');
  });
});

describe('pauses between rollouts', () => {
  test('of one cluster', () => {
    const model = healthyModel({}, { INSTANCES_ROLLOUT_DELAY: '300' });
    restartAll(model);
    assert.equal(rolled(model)?.instance, 'prod-3');
    pass(model);
    kubelet(model);
    model.now += 60_000;
    assert.equal(rolled(model), undefined);
    assert.equal(phase(model), 'Cluster upgrade delayed');
    assert.equal(model.events.at(-1), 'RolloutDelayed: Rollout of pod prod-2 have been delayed for 4m0s');
    const told = model.events.length;
    pass(model);
    assert.equal(model.events.length, told, 'told once');
    model.now += 240_000;
    assert.equal(rolled(model)?.instance, 'prod-2');
  });

  test('of all clusters', () => {
    const model = healthyModel({}, { CLUSTERS_ROLLOUT_DELAY: '30' });
    restartAll(model);
    model.rollouts = { anyCluster: model.now - 20_000, thisCluster: undefined };
    const { result } = pass(model);
    assert.ok(result.kind === 'requeue' && result.afterMs === 10_000, 'looks again when the pause is over');
    model.now += 10_000;
    assert.equal(rolled(model)?.instance, 'prod-3');
  });

  test('are printed as Go does', () => {
    assert.deepEqual([500, 59_000, 90_000, 3_600_000].map(goDuration), ['1s', '59s', '1m30s', '1h0m0s']);
  });
});
