import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resources } from '../resources.ts';
import { createFakeApi } from '../testing/fake-client.ts';
import { createEventRecorder } from './events.ts';

const cluster = {
  apiVersion: 'postgresql.cnpg.io/v1',
  kind: 'Cluster',
  metadata: { name: 'prod', namespace: 'demo', uid: 'u' },
};

test('the same event again raises the count, another is new, and names keep the order', async () => {
  const { client, all } = createFakeApi();
  const recorder = createEventRecorder(client, { component: 'cloudnative-pg' }, { now: () => 1_700_000_000_000 });
  recorder.event(cluster, 'Normal', 'CreatingRole', 'Creating Cluster Role');
  recorder.event(cluster, 'Normal', 'CreatingInstance', 'Creating instance prod-2');
  recorder.event(cluster, 'Normal', 'CreatingRole', 'Creating Cluster Role');
  await recorder.flush();
  const events = all(resources.events);
  assert.deepEqual(events.map(({ reason, count }) => [reason, count]).sort(), [
    ['CreatingInstance', 1],
    ['CreatingRole', 2],
  ]);
  const sorted = events.toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
  assert.equal(sorted[0]?.reason, 'CreatingRole');
  assert.equal(sorted[0]?.source?.component, 'cloudnative-pg');
});

test('a refused event does not stop the next one', async () => {
  const api = createFakeApi();
  const errors: unknown[] = [];
  const recorder = createEventRecorder(api.client, { component: 'x' }, { onError: (error) => errors.push(error) });
  api.failNext('create', new Error('no'));
  recorder.event(cluster, 'Normal', 'A', 'a');
  recorder.event(cluster, 'Normal', 'B', 'b');
  await recorder.flush();
  assert.equal(errors.length, 1);
  assert.deepEqual(
    api.all(resources.events).map(({ reason }) => reason),
    ['B'],
  );
});
