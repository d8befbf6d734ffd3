import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterPhases } from '@matriarch/api';
import { Model } from '../../testing/model.ts';
import { pass, settle, testCluster } from '../../testing/world.ts';

const offered = [{ goArch: 'amd64', hash: 'new' }];
const names = ['prod-1', 'prod-2', 'prod-3'];

/** A healthy cluster whose instances run the hash `old`. */
function running(settings: Record<string, string> = { ENABLE_INSTANCE_MANAGER_INPLACE_UPDATES: 'true' }): Model {
  const model = new Model(testCluster(), settings);
  settle(model);
  for (const report of model.reports.values()) Object.assign(report, { executableHash: 'old', instanceArch: 'amd64' });
  model.managers = offered;
  return model;
}

function updated(model: Model): string | undefined {
  return pass(model).actions.flatMap((action) => (action.kind === 'updateManager' ? [action.instance] : []))[0];
}

test('managers are replaced one after another, the primary last, and then all is well', () => {
  const model = running();
  assert.equal(updated(model), undefined, 'the status names the hash first');
  assert.deepEqual(model.cluster.status?.availableArchitectures, offered);
  assert.equal(model.cluster.status?.cloudNativePGOperatorHash, 'new');
  assert.equal(model.cluster.status?.phase, clusterPhases.onlineUpgrade);
  const order: string[] = [];
  for (const _ of names) {
    const name = updated(model) ?? '';
    order.push(name);
    model.update = { kind: 'sending', instance: name };
    assert.equal(updated(model), undefined, 'one at a time');
    model.update = { kind: 'idle' };
    Object.assign(model.reports.get(name) ?? {}, { executableHash: 'new' });
  }
  assert.deepEqual(order, ['prod-3', 'prod-2', 'prod-1']);
  assert.equal(updated(model), undefined);
  assert.equal(model.cluster.status?.phase, clusterPhases.healthy);
});

test('an instance of an architecture that the operator does not have stops it', () => {
  const model = running();
  Object.assign(model.reports.get('prod-2') ?? {}, { instanceArch: 'arm64' });
  Object.assign(model.reports.get('prod-3') ?? {}, { executableHash: 'new' });
  pass(model);
  assert.equal(updated(model), undefined);
  assert.equal(model.cluster.status?.phase, clusterPhases.architectureMissing);
});

test('nothing happens when it is switched off, or when an instance does not tell its hash', () => {
  const off = running({});
  pass(off);
  assert.equal(updated(off), undefined);
  assert.equal(off.cluster.status?.onlineUpdateEnabled, false);
  const silent = running();
  Object.assign(silent.reports.get('prod-3') ?? {}, { executableHash: '' });
  pass(silent);
  assert.equal(updated(silent), undefined);
});

test('a pass during an attempt keeps the phase, and one that rests starts no other', () => {
  const model = running();
  pass(model);
  model.update = { kind: 'resting', until: model.now + 1 };
  assert.equal(updated(model), undefined);
  for (const report of model.reports.values()) Object.assign(report, { executableHash: 'new' });
  pass(model);
  assert.equal(model.cluster.status?.phase, clusterPhases.onlineUpgrade);
  model.update = { kind: 'idle' };
  pass(model);
  assert.equal(model.cluster.status?.phase, clusterPhases.healthy);
});
