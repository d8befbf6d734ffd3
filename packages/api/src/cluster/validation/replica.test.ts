import { clusterOf, rawCluster, ruleTest } from '../../testing/cluster.ts';
import type { ReplicaCluster } from '../schema/replication.ts';
import type { ClusterSpec } from '../schema/spec.ts';
import { oneReplicaSwitch, promotionToken, replicaBootstrap, replicaServers } from './replica.ts';

const externalClusters = ['herd', 'old'].map((name) => ({ name, connectionParameters: { host: name } }));
const replica = (settings: Partial<ReplicaCluster>, spec: Partial<ClusterSpec> = {}) => ({
  spec: { externalClusters, replica: { source: 'old', ...settings }, ...spec },
});

ruleTest(oneReplicaSwitch, [
  [replica({ enabled: true })],
  [replica({ primary: 'old' })],
  [replica({ primary: 'old', enabled: true }), 'Forbidden spec.replicaCluster'],
]);

const copied = { bootstrap: { pg_basebackup: { source: 'old' } } };
ruleTest(replicaBootstrap, [
  [replica({ enabled: false })],
  [replica({ primary: 'herd' })],
  [replica({ primary: 'old' }, copied)],
  [replica({ enabled: true }), 'Invalid spec.replicaCluster'],
  [{ ...replica({ enabled: true }), resourceVersion: '7' }],
]);
ruleTest(replicaBootstrap, [[replica({ enabled: true }), 'Required spec.bootstrap']], rawCluster);

ruleTest(replicaServers, [
  [replica({ self: 'herd', primary: 'old' })],
  [replica({ source: 'new' }), 'Invalid spec.replicaCluster.primaryServerName'],
  [replica({ self: 'a' }), 'Invalid spec.replicaCluster.self'],
  [replica({ primary: 'a' }), 'Invalid spec.replicaCluster.primary'],
]);

const encode = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64');
const content = {
  latestCheckpointTimelineID: '1',
  redoWalFile: '000000010000000000000005',
  databaseSystemIdentifier: '7',
  latestCheckpointREDOLocation: '0/5000028',
  timeOfLatestCheckpoint: 'now',
  operatorVersion: '1.30.0',
};
const token = (text: string, rest: Partial<ReplicaCluster> = {}) =>
  replica({ primary: 'herd', promotionToken: text, ...rest });

ruleTest(
  promotionToken,
  [
    [token(encode(content))],
    [token(encode({ ...content, operatorVersion: '' })), 'Invalid spec.replicaCluster.token'],
    [token(encode('text')), 'Invalid spec.replicaCluster.token'],
    [token('bm8ganNvbg=='), 'Invalid spec.replicaCluster.token'],
    [token('not base64'), 'Invalid spec.replicaCluster.token'],
    [token(encode(content), { minApplyDelay: '1h' }), 'Invalid spec.replicaCluster.token'],
    [token(encode(content), { primary: 'old' }), 'Invalid spec.replicaCluster.token'],
  ],
  clusterOf,
);
