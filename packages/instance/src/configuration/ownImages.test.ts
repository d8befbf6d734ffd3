import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '@matriarch/api';
import { forOwnImages } from './ownImages.ts';

function clusterOf(image: string, postgresql: Cluster['spec']['postgresql']): Cluster {
  return {
    metadata: { name: 'prod', namespace: 'demo' },
    spec: { instances: 1, ...(postgresql ? { postgresql } : {}) },
    status: { pgDataImageInfo: { image, majorVersion: 17 } },
  } as Cluster;
}

test('settings follow the Cluster while the images are those of the start', () => {
  const first = forOwnImages(undefined, clusterOf('pg:17.2', { parameters: { work_mem: '4MB' } }));
  const next = forOwnImages(first.own, clusterOf('pg:17.2', { parameters: { work_mem: '8MB' } }));
  assert.deepEqual(next.cluster.spec.postgresql?.parameters, { work_mem: '8MB' });
  const other = forOwnImages(next.own, clusterOf('pg:17.4', { parameters: { work_mem: '16MB' } }));
  assert.deepEqual(other.cluster.spec.postgresql?.parameters, { work_mem: '8MB' }, 'the last of its own images');
});

test('what comes with another image waits for its pod, and what does not depend on it is taken', () => {
  const { own } = forOwnImages(undefined, clusterOf('pg:17.2', { parameters: { work_mem: '4MB' } }));
  const wanted = {
    parameters: { new_setting: 'on' },
    shared_preload_libraries: ['new'],
    pg_hba: ['local all all peer'],
  };
  const result = forOwnImages(own, clusterOf('pg:17.4', wanted));
  assert.deepEqual(result.cluster.spec.postgresql, {
    parameters: { work_mem: '4MB' },
    pg_hba: ['local all all peer'],
  });
  assert.equal(result.own, own);
  const back = forOwnImages(result.own, clusterOf('pg:17.2', wanted));
  assert.deepEqual(back.cluster.spec.postgresql, wanted);
});
