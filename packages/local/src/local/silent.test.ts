/** A node that falls silent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT_ANNOTATION } from '../node/silence.ts';
import { NODES, PODS } from '../runtime/resources.ts';
import { until } from '../testing/cluster.ts';
import { createStarter, key, podOf, stateDirectory } from '../testing/local-cluster.ts';

const start = createStarter('127.11.0.0/17');

test('a silent node hears nothing; what was asked of it meanwhile is done when it speaks again', async (t) => {
  const { api, caches } = await start(t, stateDirectory(t));
  const pods = caches.of(PODS);
  const names = { lost: 'node-a', other: 'node-b' } as const;
  for (const [name, nodeName] of Object.entries(names)) {
    await api.create(PODS, 'default', podOf(name, 'sleep 1000', { nodeName }));
    await until(pods, key(name), (found) => found?.status?.containerStatuses?.[0]?.state?.running !== undefined);
  }
  const say = (silent: 'true' | null) =>
    api.patch(
      NODES,
      { namespace: '', name: names.lost },
      { metadata: { annotations: { [SILENT_ANNOTATION]: silent } } },
    );
  await say('true');
  for (const name of Object.keys(names)) await api.delete(PODS, key(name), { gracePeriodSeconds: 1 });
  await until(pods, key('other'), (found) => found === undefined);
  assert.notEqual(pods.get(key('lost'))?.metadata.deletionTimestamp, undefined);
  assert.notEqual(pods.get(key('lost'))?.status?.containerStatuses?.[0]?.state?.running, undefined);
  await say(null);
  await until(pods, key('lost'), (found) => found === undefined);
});
