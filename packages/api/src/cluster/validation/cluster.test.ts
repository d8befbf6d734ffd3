import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultApiConfig } from '../../names/defaults.ts';
import { brief, clusterOf, withParameters } from '../../testing/cluster.ts';
import { validateCluster, validateClusterUpdate } from './cluster.ts';
import { clusterWarnings } from './warnings.ts';

test('a plain cluster is valid, also as a change of itself', () => {
  const cluster = clusterOf();
  assert.deepEqual(validateCluster(cluster, defaultApiConfig), []);
  assert.deepEqual(validateClusterUpdate(cluster, clusterOf(), defaultApiConfig), []);
});

test('errors of several sections are found together', () => {
  const cluster = clusterOf({
    name: 'Herd',
    spec: { storage: {}, imageName: 'postgresql', postgresql: { parameters: { port: '1' } } },
  });
  assert.deepEqual(brief(validateCluster(cluster, defaultApiConfig)), [
    'Invalid metadata.name',
    'Invalid spec.imageName',
    'Invalid spec.storage.size',
    'Invalid spec.postgresql.parameters.port',
  ]);
});

test('a change is judged by itself and against the object before it', () => {
  const errors = validateClusterUpdate(
    clusterOf({ spec: { storage: { size: '1Gi' }, imagePullPolicy: 'x' } }),
    clusterOf({ spec: { storage: { size: '2Gi' } } }),
    defaultApiConfig,
  );
  assert.deepEqual(brief(errors), ['Invalid spec.imagePullPolicy', 'Invalid spec.storage.size']);
});

test('warnings', () => {
  const synchronous = { method: 'any', number: 1, podFailureDomainKeys: ['zone'] } as const;
  const barmanObjectStore = { destinationPath: 's3://b' };
  const request = { resources: { requests: { storage: '1Gi' } } };
  const cases = [
    [{ spec: { instances: 1 } }],
    [{}, 'spec.postgresql.synchronous'],
    [{ spec: { replica: { source: 'old', enabled: true } } }],
    [{ spec: { minSyncReplicas: 1, maxSyncReplicas: 1 } }],
    [{ spec: { instances: 1, nodeMaintenanceWindow: {} } }, 'spec.nodeMaintenanceWindow'],
    [{ spec: { instances: 1, backup: { barmanObjectStore } } }, 'spec.backup.barmanObjectStore'],
    [
      { spec: { instances: 1, externalClusters: [{ name: 'a', barmanObjectStore }] } },
      'spec.externalClusters.0.barmanObjectStore',
    ],
    [{ spec: { instances: 1, backup: { retentionPolicy: '1d' } } }, 'spec.backup.retentionPolicy'],
    [
      {
        spec: {
          instances: 1,
          storage: { size: '1Gi', storageClass: 'a', pvcTemplate: { storageClassName: 'b', ...request } },
        },
      },
      'spec.storage',
      'spec.storage',
    ],
    [withParameters({ shared_buffers: '128' }, { instances: 1 }), 'spec.postgresql.parameters.shared_buffers'],
    [{ spec: { instances: 1, monitoring: { metricsQueriesTTL: '0s' } } }, 'spec.monitoring.metricsQueriesTTL'],
    [
      { spec: { instances: 1, monitoring: { enablePodMonitor: true, podMonitorRelabelings: [{}] } } },
      'spec.monitoring.enablePodMonitor',
      'spec.monitoring.podMonitorRelabelings',
    ],
    [
      {
        spec: { postgresql: { synchronous } },
        status: {
          conditions: [
            {
              type: 'SyncReplicationTopologySatisfied',
              status: 'False',
              reason: 'TopologyNotExtracted',
              message: '',
              lastTransitionTime: '2026-01-01T00:00:00Z',
            },
          ],
        },
      },
      'spec.postgresql.synchronous',
    ],
  ] as const;
  for (const [parts, ...paths] of cases) {
    const found = clusterWarnings(clusterOf(parts as Parameters<typeof clusterOf>[0]));
    assert.deepEqual(
      found.map((warning) => warning.slice(0, warning.indexOf(':'))),
      paths,
      JSON.stringify(parts),
    );
  }
});
