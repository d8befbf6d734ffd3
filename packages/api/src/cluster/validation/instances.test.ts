import { ruleTest } from '../../testing/cluster.ts';
import type { SynchronousConfiguration } from '../schema/postgresql.ts';
import type { ClusterSpec } from '../schema/spec.ts';
import {
  electionConstraint,
  leaseTimes,
  maxSyncReplicas,
  minSyncReplicas,
  oneSynchronousWay,
  synchronousNumber,
  updateStrategy,
} from './instances.ts';

ruleTest(updateStrategy, [
  [{ spec: { primaryUpdateStrategy: 'supervised' } }],
  [{ spec: { primaryUpdateStrategy: 'supervised', instances: 1 } }, 'Invalid spec.primaryUpdateStrategy'],
  [
    { spec: { primaryUpdateStrategy: 'never' as ClusterSpec['primaryUpdateStrategy'] & string } },
    'Invalid spec.primaryUpdateStrategy',
  ],
]);

ruleTest(minSyncReplicas, [
  [{ spec: { minSyncReplicas: 1, maxSyncReplicas: 1 } }],
  [{ spec: { minSyncReplicas: 2, maxSyncReplicas: 1 } }, 'Invalid spec.minSyncReplicas'],
  [{ spec: { minSyncReplicas: -1 } }, 'Invalid spec.minSyncReplicas'],
]);

ruleTest(maxSyncReplicas, [
  [{ spec: { maxSyncReplicas: 2 } }],
  [{ spec: { maxSyncReplicas: 3 } }, 'Invalid spec.maxSyncReplicas'],
  [{ spec: { maxSyncReplicas: -1 } }, 'Invalid spec.maxSyncReplicas'],
]);

const synchronous = (settings: Partial<SynchronousConfiguration>, spec: Partial<ClusterSpec> = {}) => ({
  spec: { ...spec, postgresql: { synchronous: { method: 'any', number: 1, ...settings } as const } },
});

ruleTest(oneSynchronousWay, [
  [synchronous({}, { minSyncReplicas: 0 })],
  [
    synchronous({}, { minSyncReplicas: 1, maxSyncReplicas: 1 }),
    'Invalid spec.minSyncReplicas',
    'Invalid spec.maxSyncReplicas',
  ],
]);

ruleTest(synchronousNumber, [
  [synchronous({ number: 2 })],
  [synchronous({ number: 3 }), 'Invalid spec.postgresql.synchronous'],
  [synchronous({ number: 4, standbyNamesPre: ['a'], standbyNamesPost: ['b'] })],
  [synchronous({ number: 2, standbyNamesPre: ['a'], failoverQuorum: true })],
  [synchronous({ number: 1, standbyNamesPost: ['a'], failoverQuorum: true }), 'Invalid spec.postgresql.synchronous'],
]);

const constraint = (enabled: boolean, nodeLabelsAntiAffinity: string[]) => ({
  spec: { postgresql: { syncReplicaElectionConstraint: { enabled, nodeLabelsAntiAffinity } } },
});
ruleTest(electionConstraint, [
  [constraint(false, [])],
  [constraint(true, ['zone'])],
  [constraint(true, []), 'Invalid spec.postgresql.syncReplicaElectionConstraint.nodeLabelsAntiAffinity'],
]);

ruleTest(leaseTimes, [
  [{ spec: { primaryLease: {} } }],
  [{ spec: { primaryLease: { leaseDurationSeconds: 10 } } }, 'Invalid spec.primaryLease.leaseDurationSeconds'],
  [{ spec: { primaryLease: { renewDeadlineSeconds: 12, retryPeriodSeconds: 9 } } }],
  [
    { spec: { primaryLease: { renewDeadlineSeconds: 12, retryPeriodSeconds: 10 } } },
    'Invalid spec.primaryLease.renewDeadlineSeconds',
  ],
]);
