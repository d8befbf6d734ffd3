import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resources } from '../resources.ts';
import { createFakeApi } from '../testing/fake-client.ts';
import { electLeader } from './leader.ts';

const lease = { name: 'lock', namespace: 'ns' };
const quick = { ...lease, leaseDurationMs: 100, renewDeadlineMs: 60, retryPeriodMs: 5 };

test('takes a free Lease, leads, and empties it at the end', async () => {
  const { client } = createFakeApi();
  const stop = new AbortController();
  let held: string | undefined;
  const lead = async () => {
    held = (await client.get(resources.leases, lease)).spec?.holderIdentity;
    stop.abort();
  };
  await electLeader(client, { ...quick, identity: 'pod-a_1', lead }, stop.signal);
  assert.equal(held, 'pod-a_1');
  assert.equal((await client.get(resources.leases, lease)).spec?.holderIdentity, '');
});

test('an earlier run of the same pod is succeeded at once, another pod only when its time has passed', async () => {
  const { client } = createFakeApi();
  await client.create(resources.leases, {
    metadata: lease,
    spec: { holderIdentity: 'pod-a_1', leaseDurationSeconds: 3600, renewTime: '2026-01-01T00:00:00.000000Z' },
  });
  let led = 0;
  const lead = async () => {
    led += 1;
  };
  await electLeader(client, { ...quick, identity: 'pod-a_2', lead }, new AbortController().signal);
  assert.equal(led, 1);

  const taken = await client.get(resources.leases, lease);
  await client.replace(resources.leases, {
    ...taken,
    spec: { ...taken.spec, holderIdentity: 'pod-b_1', leaseDurationSeconds: 3600 },
  });
  await electLeader(client, { ...quick, identity: 'pod-a_3', lead }, AbortSignal.timeout(30));
  assert.equal(led, 1);
});

test('leading ends when the Lease cannot be renewed', async () => {
  const api = createFakeApi();
  let ended = false;
  const lead = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      api.failNext('get', new Error('unreachable'), 1000);
      signal.addEventListener('abort', () => {
        ended = true;
        resolve();
      });
    });
  await electLeader(api.client, { ...quick, identity: 'pod-a_1', lead }, new AbortController().signal);
  assert.ok(ended);
});
