import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../errors.ts';
import { resources } from '../resources.ts';
import { createFakeApi } from '../testing/fake-client.ts';
import { createCache } from './cache.ts';

const pod = (name: string) => ({ metadata: { name, namespace: 'demo' } });

async function started() {
  const api = createFakeApi();
  await api.client.create(resources.pods, pod('a'));
  const cache = createCache(api.client, resources.pods);
  const stop = new AbortController();
  const running = cache.start(stop.signal);
  await cache.synced();
  const next = () =>
    new Promise<string>((resolve) => {
      const end = cache.onChange((change) => {
        end();
        resolve(`${change.kind} ${change.object.metadata?.name}`);
      });
    });
  const close = async () => {
    stop.abort();
    await running;
  };
  return { api, cache, next, close };
}

test('lists, then follows creations, changes and deletions', async () => {
  const { api, cache, next, close } = await started();
  assert.equal(cache.list('demo').length, 1);
  let change = next();
  await api.client.create(resources.pods, pod('b'));
  assert.equal(await change, 'added b');
  change = next();
  await api.client.patch(
    resources.pods,
    { namespace: 'demo', name: 'b' },
    { type: 'merge', body: { status: { phase: 'Running' } } },
  );
  assert.equal(await change, 'modified b');
  assert.equal(cache.get('demo', 'b')?.status?.phase, 'Running');
  change = next();
  await api.client.delete(resources.pods, { namespace: 'demo', name: 'a' });
  assert.equal(await change, 'deleted a');
  await close();
});

test('after an expired version it lists again and reports what vanished meanwhile', async () => {
  const { api, next, close } = await started();
  const change = next();
  api.cutWatches(new ApiError(410, { reason: 'Expired' }, 'watch'));
  await api.client.delete(resources.pods, { namespace: 'demo', name: 'a' });
  assert.equal(await change, 'deleted a');
  await close();
});

test('observe applies our own newer write at once and ignores an older one', async () => {
  const { cache, close } = await started();
  cache.observe({ metadata: { name: 'a', namespace: 'demo', resourceVersion: '50' }, status: { phase: 'Failed' } });
  cache.observe({ metadata: { name: 'a', namespace: 'demo', resourceVersion: '9' }, status: { phase: 'Running' } });
  assert.equal(cache.get('demo', 'a')?.status?.phase, 'Failed');
  await close();
});
