import { type ClusterParts, rawCluster, ruleTest, withParameters } from '../../testing/cluster.ts';
import type { ReplicationSlots } from '../schema/replication.ts';
import { excludePatterns, failoverSlots, logicalDecoding } from './slots.ts';

const slots = (replicationSlots: ReplicationSlots): ClusterParts => ({ spec: { replicationSlots } });
const patterns = (...excludePatterns: string[]) => ({ synchronizeReplicas: { enabled: true, excludePatterns } });
const path = 'spec.replicationSlots';

ruleTest(excludePatterns, [
  [slots(patterns('^tmp_.*$', '(?i)debezium', '[[:alpha:]]+'))],
  [slots(patterns('ok', '(')), `Invalid ${path}.synchronizeReplicas.excludePatterns[1]`],
  // RE2 has no look-ahead.
  [slots(patterns('(?=a)')), `Invalid ${path}.synchronizeReplicas.excludePatterns[0]`],
  [
    slots({
      highAvailability: { enabled: false },
      synchronizeReplicas: { enabled: false, excludePatterns: ['('] },
    }),
  ],
]);

const logical = { replicationSlots: { highAvailability: { enabled: true, synchronizeLogicalDecoding: true } } };
const decoding = `Invalid ${path}.highAvailability.synchronizeLogicalDecoding`;
const feedback = { hot_standby_feedback: 'on', sync_replication_slots: 'on' };
ruleTest(logicalDecoding, [
  [withParameters(feedback, logical)],
  [withParameters({}, logical), decoding, decoding],
  [withParameters({ hot_standby_feedback: 'on' }, logical), decoding],
  [withParameters(feedback, { ...logical, imageName: 'postgresql:16.1' }), decoding],
  [withParameters({ 'pg_failover_slots.version': '1' }, { ...logical, imageName: 'postgresql:16.1' })],
]);

const failover = { 'pg_failover_slots.standby_slots_min_confirmed': '1' };
ruleTest(failoverSlots, [
  [{}],
  [withParameters({ ...failover, hot_standby_feedback: 'on' })],
  [withParameters(failover), 'Invalid spec.postgresql.parameters.hot_standby_feedback'],
  [
    withParameters(
      { ...failover, hot_standby_feedback: 'on' },
      { replicationSlots: { highAvailability: { enabled: false } } },
    ),
    `Invalid ${path}.highAvailability.enabled`,
  ],
]);
ruleTest(failoverSlots, [[withParameters({ ...failover, hot_standby_feedback: 'on' }), `Invalid ${path}`]], rawCluster);
