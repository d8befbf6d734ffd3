import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Model } from '../../testing/model.ts';
import { healthyModel, pass } from '../../testing/world.ts';

/** What the next pass rolls out, with the reason that is logged. */
function rolled(model: Model): { instance: string; reason: string } | undefined {
  for (const action of pass(model).actions) {
    if (action.kind === 'recordRollout') return { instance: action.instance, reason: action.reason };
  }
  return undefined;
}

const report = (model: Model, name: string, change: object) => Object.assign(model.reports.get(name) ?? {}, change);

test('an instance just created needs nothing', () => {
  assert.equal(rolled(healthyModel()), undefined);
});

test('every reason is told with the instance', () => {
  const cases: [reason: RegExp, change: (model: Model) => void][] = [
    [/needs a restart to apply some configuration/, (model) => report(model, 'prod-2', { pendingRestart: true })],
    [/not reporting the executable hash/, (model) => report(model, 'prod-2', { executableHash: undefined })],
  ];
  for (const [reason, change] of cases) {
    const model = healthyModel();
    change(model);
    const found = rolled(model);
    assert.equal(found?.instance, 'prod-2');
    assert.match(found?.reason ?? '', reason);
  }
  const restarted = healthyModel();
  restarted.cluster.metadata.annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' };
  assert.deepEqual(rolled(restarted), {
    instance: 'prod-3',
    reason: 'cluster has been explicitly restarted via annotation',
  });
  const drifted = healthyModel();
  drifted.cluster.spec.resources = { requests: { cpu: '1' } };
  assert.match(rolled(drifted)?.reason ?? '', /container postgres differs in resources/);
});

test('an instance that is not ready, or may be away by its own will, is left alone', () => {
  const away = healthyModel();
  report(away, 'prod-2', { pendingRestart: true, mightBeUnavailable: true });
  assert.equal(rolled(away), undefined);
});
