import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from './registry.ts';

test('series begin at zero and count', () => {
  const metrics = createMetrics({ controllers: ['cluster'], webhooks: ['/mutate'] });
  assert.match(metrics.text(), /^controller_runtime_reconcile_total\{controller="cluster",result="error"\} 0$/m);
  metrics.reconciled('cluster', 'error');
  metrics.webhookAnswered('/mutate', 200);
  metrics.leading(true);
  const text = metrics.text();
  assert.match(text, /^controller_runtime_reconcile_total\{controller="cluster",result="error"\} 1$/m);
  assert.match(text, /^controller_runtime_webhook_requests_total\{code="200",webhook="\/mutate"\} 1$/m);
  assert.match(text, /^leader_election_master_status\{name="db9c8771.cnpg.io"\} 1$/m);
});
