import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Model } from '../testing/model.ts';
import { healthyModel, killPrimary, kubelet, pass, promise, settle, testCluster } from '../testing/world.ts';

const names = (model: Model, resource: Parameters<Model['list']>[0]) =>
  model.list(resource).map(({ metadata }) => metadata?.name);

test('three instances come up, with the events of the walkthrough in order', () => {
  const model = healthyModel();
  assert.equal(model.cluster.status?.phase, 'Cluster in healthy state');
  assert.deepEqual(names(model, 'pods'), ['prod-1', 'prod-2', 'prod-3']);
  assert.deepEqual(names(model, 'jobs'), []);
  assert.equal(model.cluster.status?.readyInstances, 3);
  assert.deepEqual(model.events, [
    'CreatingPodDisruptionBudget: Creating PodDisruptionBudget prod-primary',
    'CreatingPodDisruptionBudget: Creating PodDisruptionBudget prod',
    'CreatingServiceAccount: Creating ServiceAccount',
    'CreatingRole: Creating Cluster Role',
    'CreatingInstance: Primary instance (initdb)',
    'CreatingInstance: Creating instance prod-2',
    'CreatingInstance: Creating instance prod-3',
  ]);
});

test('a recovery runs the job full-recovery and says so', () => {
  const externalClusters = [
    { name: 'old', barmanObjectStore: { destinationPath: 's3://b', s3Credentials: { inheritFromIAMRole: true } } },
  ];
  const model = new Model(testCluster({ instances: 1, bootstrap: { recovery: { source: 'old' } }, externalClusters }));
  pass(model);
  pass(model);
  assert.deepEqual(names(model, 'jobs'), ['prod-1-full-recovery']);
  assert.equal(model.events.at(-1), 'CreatingInstance: Primary instance (from backup)');
  settle(model);
});

test('role labels follow the primary, on pods and claims', () => {
  const model = healthyModel({ walStorage: { size: '1Gi' } });
  const role = (name: string) => model.get('pods', name)?.metadata?.labels?.['cnpg.io/instanceRole'];
  assert.deepEqual(['prod-1', 'prod-2', 'prod-3'].map(role), ['primary', 'replica', 'replica']);
  assert.equal(model.get('persistentVolumeClaims', 'prod-1-wal')?.metadata?.labels?.role, 'primary');
});

test('a settled cluster is left alone', () => {
  const model = healthyModel();
  assert.deepEqual(pass(model).actions, []);
});

test('whatever pass is cut short, the cluster comes up, and never with two first primaries', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { maxLength: 40 }), (cuts) => {
      const model = new Model(testCluster());
      for (const crashAfter of cuts) {
        pass(model, { crashAfter });
        if (crashAfter % 2 === 0) kubelet(model);
      }
      settle(model);
      assert.deepEqual(names(model, 'pods'), ['prod-1', 'prod-2', 'prod-3']);
      const firsts = model.events.filter((text) => text.includes('Primary instance')).length;
      assert.ok(firsts >= 0 && model.list('persistentVolumeClaims').length === 3);
    }),
    { numRuns: 40 },
  );
});

test('a lost cluster is not made anew', () => {
  const model = healthyModel({ instances: 1 });
  for (const resource of ['pods', 'persistentVolumeClaims'] as const) {
    for (const name of names(model, resource)) model.perform({ kind: 'delete', resource, name: name ?? '' });
  }
  pass(model);
  assert.equal(model.cluster.status?.phase, 'Cluster is unrecoverable and needs manual intervention');
  assert.deepEqual(names(model, 'persistentVolumeClaims'), []);
});

test('a deleted standby pod comes back from its claim, without a job', () => {
  const model = healthyModel();
  model.perform({ kind: 'delete', resource: 'pods', name: 'prod-2' });
  pass(model);
  assert.deepEqual(names(model, 'jobs'), []);
  settle(model);
  assert.equal(model.cluster.status?.readyInstances, 3);
});

test('scaling: up adds the next number, down removes the highest standby, gaps are filled', () => {
  const model = healthyModel({ instances: 2 });
  model.cluster.spec.instances = 3;
  settle(model);
  assert.deepEqual(names(model, 'pods'), ['prod-1', 'prod-2', 'prod-3']);
  model.cluster.spec.instances = 1;
  settle(model);
  assert.deepEqual(names(model, 'pods'), ['prod-1']);
  assert.deepEqual(names(model, 'persistentVolumeClaims'), ['prod-1']);
  assert.ok(model.events.includes('ScaleDown: Scaling down - removing instance: prod-3'));
});

test('a standby whose claim is deleted comes back under its name, once the old claim is gone', () => {
  const model = healthyModel();
  const claim = model.get('persistentVolumeClaims', 'prod-2');
  const deletionTimestamp = '2026-01-01T00:00:00Z';
  model.put('persistentVolumeClaims', { ...claim, metadata: { ...claim?.metadata, deletionTimestamp } } as object);
  pass(model);
  assert.equal(model.cluster.status?.phase, 'Creating a new replica');
  assert.deepEqual(names(model, 'persistentVolumeClaims'), ['prod-1', 'prod-2', 'prod-3']);
  model.perform({ kind: 'delete', resource: 'pods', name: 'prod-2' });
  model.perform({ kind: 'delete', resource: 'persistentVolumeClaims', name: 'prod-2' });
  settle(model);
  assert.deepEqual(names(model, 'pods'), ['prod-1', 'prod-2', 'prod-3']);
});

test('a dead primary: pending first, then the best standby; the old one joins again as a standby', () => {
  const model = healthyModel();
  const best = model.reports.get('prod-3');
  if (best) best.receivedLsn = '0/5000000';
  const old = killPrimary(model);
  pass(model);
  assert.equal(model.cluster.status?.targetPrimary, 'prod-3');
  assert.equal(model.get('pods', old)?.metadata?.labels?.['cnpg.io/instanceRole'], 'unhealthy');
  model.perform({ kind: 'delete', resource: 'pods', name: old });
  kubelet(model);
  settle(model);
  assert.equal(model.cluster.status?.currentPrimary, 'prod-3');
  assert.equal(model.get('pods', old)?.metadata?.labels?.['cnpg.io/instanceRole'], 'replica');
  const failover = model.events.filter((text) => text.startsWith('Fail'));
  assert.deepEqual(failover, [
    "FailingOver: Current primary isn't healthy, initiating a failover from prod-1",
    'FailoverTarget: Failing over from prod-1 to prod-3',
  ]);
});

test('a primary whose pod is being deleted is replaced as soon as it stops to answer', () => {
  const model = healthyModel();
  const pod = model.get('pods', 'prod-1');
  const deletionTimestamp = '2026-01-01T00:00:00Z';
  model.put('pods', { ...pod, metadata: { ...pod?.metadata, deletionTimestamp } } as object);
  pass(model);
  assert.equal(model.cluster.status?.targetPrimary, 'prod-1', 'it may still serve its clients');
  model.reports.delete('prod-1');
  pass(model);
  assert.equal(model.cluster.status?.targetPrimary, 'pending');
});

test('no target is named while a standby still receives WAL', () => {
  const model = healthyModel();
  killPrimary(model);
  const receiver = model.reports.get('prod-2');
  if (receiver) receiver.isWalReceiverActive = true;
  for (let i = 0; i < 3; i += 1) pass(model);
  assert.equal(model.cluster.status?.targetPrimary, 'pending');
  assert.equal(pass(model).actions.length, 0, 'waiting writes nothing');
  if (receiver) receiver.isWalReceiverActive = false;
  pass(model);
  assert.equal(model.cluster.status?.targetPrimary, 'prod-2');
});

test('hibernation takes the pods one by one, the primary first, and gives them back', () => {
  const model = healthyModel();
  const annotations = (value: string) => ({ ...model.cluster.metadata.annotations, 'cnpg.io/hibernation': value });
  model.cluster.metadata.annotations = annotations('on');
  pass(model);
  assert.deepEqual(names(model, 'pods'), ['prod-2', 'prod-3']);
  settle(model);
  assert.deepEqual(names(model, 'pods'), []);
  const condition = model.cluster.status?.conditions?.find(({ type }) => type === 'cnpg.io/hibernation');
  assert.equal(condition?.reason, 'Hibernated');
  model.cluster.metadata.annotations = annotations('off');
  settle(model);
  assert.equal(model.cluster.status?.readyInstances, 3);
});

test('a new image rolls the standbys first and the primary last', () => {
  const model = healthyModel();
  model.cluster.spec.imageName = 'postgres:17.4';
  const order: string[] = [];
  for (let i = 0; i < 30 && order.length < 3; i += 1) {
    for (const action of pass(model).actions) if (action.kind === 'delete') order.push(action.name);
    kubelet(model);
  }
  assert.deepEqual(order, ['prod-3', 'prod-2', 'prod-1']);
});

test('a fenced primary is not replaced', () => {
  const model = healthyModel();
  model.cluster.metadata.annotations = { 'cnpg.io/fencedInstances': '["prod-1"]' };
  killPrimary(model);
  pass(model);
  assert.equal(model.cluster.status?.targetPrimary, 'prod-1');
});

test('the quorum: enough standbys must be reachable', () => {
  const synchronous = { method: 'any', number: 1, failoverQuorum: true, dataDurability: 'required' } as const;
  const model = healthyModel({ postgresql: { synchronous } });
  const quorum = model.get('failoverQuorums', 'prod');
  const status = { method: 'ANY', standbyNumber: 1, standbyNames: ['prod-2', 'prod-3'], primary: 'prod-1' };
  model.put('failoverQuorums', { ...quorum, status } as object);
  killPrimary(model);
  const report = model.reports.get('prod-3');
  model.reports.delete('prod-3');
  pass(model);
  assert.equal(model.cluster.status?.targetPrimary, 'prod-1', 'one of two is not enough');
  if (report) model.reports.set('prod-3', report);
  pass(model);
  assert.equal(model.cluster.status?.targetPrimary, 'pending', 'nobody has promised to receive no more');
  promise(model, 'prod-3');
  pass(model);
  assert.equal(model.cluster.status?.targetPrimary, 'pending', 'one promise is not enough');
  promise(model, 'prod-2');
  pass(model);
  assert.equal(model.cluster.status?.targetPrimary, 'prod-2');
});

test('the Lease of a dead primary is emptied only with proof, and only after another target was written', () => {
  const model = healthyModel();
  const lease = model.get('leases', 'prod');
  model.put('leases', { ...lease, spec: { holderIdentity: 'prod-1' } } as object);
  const holder = () => (model.get('leases', 'prod') as { spec?: { holderIdentity?: string } }).spec?.holderIdentity;
  killPrimary(model);
  pass(model);
  pass(model);
  assert.equal(holder(), 'prod-1', 'not ready is no proof');
  const pod = model.get('pods', 'prod-1') as { status?: object };
  const ended = [{ name: 'postgres', state: { terminated: { exitCode: 137 } } }];
  model.put('pods', { ...pod, status: { ...pod.status, containerStatuses: ended } } as object);
  pass(model);
  assert.equal(holder(), '');
});

test('claims of an earlier cluster of the same name are waited for', () => {
  const model = healthyModel({ instances: 1 });
  model.cluster.spec.instances = 2;
  model.foreignClaims.add('prod-2');
  for (let i = 0; i < 3; i += 1) pass(model);
  assert.deepEqual(names(model, 'persistentVolumeClaims'), ['prod-1']);
  assert.equal(model.cluster.status?.phase, 'Creating a new replica');
  model.foreignClaims.clear();
  settle(model);
  assert.deepEqual(names(model, 'pods'), ['prod-1', 'prod-2']);
});
