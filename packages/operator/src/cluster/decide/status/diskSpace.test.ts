import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healthyModel, killPrimary, pass } from '../../testing/world.ts';

test('the condition tells of the worst, and ends when every instance has been heard', () => {
  const model = healthyModel();
  const condition = () => {
    const { actions } = pass(model);
    const found = model.cluster.status?.conditions?.find(({ type }) => type === 'DiskSpace');
    return [actions.length > 0, found?.status, found?.reason, found?.message];
  };
  assert.deepEqual(condition(), [false, undefined, undefined, undefined]);
  const one = model.reports.get('prod-1');
  const two = model.reports.get('prod-2');
  assert.ok(one && two);
  one.diskSpace = { level: 'stopped', message: 'prod-1 accepts no writes' };
  two.diskSpace = { level: 'low', message: 'prod-2: low' };
  const both = 'prod-1 accepts no writes. prod-2: low';
  assert.deepEqual(condition(), [true, 'False', 'WritesStopped', both]);
  assert.deepEqual(condition(), [false, 'False', 'WritesStopped', both], 'said once');
  delete one.diskSpace;
  assert.deepEqual(condition().slice(1), ['False', 'DiskSpaceLow', 'prod-2: low']);
  delete two.diskSpace;
  killPrimary(model);
  assert.deepEqual(condition().slice(1), ['False', 'DiskSpaceLow', 'prod-2: low'], 'the silent one may be it');
  model.reports.set('prod-1', one);
  assert.deepEqual(condition().slice(1), ['True', 'DiskSpaceSufficient', 'Every volume has space']);
});
