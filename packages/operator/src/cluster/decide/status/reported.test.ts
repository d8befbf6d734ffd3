import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healthyModel, pass } from '../../testing/world.ts';

test('the failover delay of a primary that reports trouble goes on from pass to pass, and ends', () => {
  const model = healthyModel({ failoverDelay: 3 });
  const primary = model.reports.get('prod-1');
  assert.ok(primary);
  primary.unresponsiveReason = 'the disk does not answer';
  pass(model);
  const since = model.cluster.status?.currentPrimaryFailingSinceTimestamp;
  assert.ok(since);
  model.now += 1000;
  assert.deepEqual(pass(model).actions, []);
  assert.equal(model.cluster.status?.currentPrimaryFailingSinceTimestamp, since);
  model.now += 2000;
  pass(model);
  assert.equal(model.cluster.status?.targetPrimary, 'pending');
});

test('an instance that does not report keeps its address: others must know where to look for it', () => {
  const model = healthyModel();
  pass(model);
  const before = model.cluster.status?.instancesReportedState?.['prod-1'];
  assert.equal(before?.isPrimary, true);
  model.reports.delete('prod-1');
  pass(model);
  assert.deepEqual(model.cluster.status?.instancesReportedState?.['prod-1'], { isPrimary: false, ip: before?.ip });
});
