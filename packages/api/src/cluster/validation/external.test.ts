import { ruleTest } from '../../testing/cluster.ts';
import type { ExternalCluster } from '../schema/external.ts';
import { distinctExternalClusters, plainNames, reachableExternalClusters } from './external.ts';

const external = (...externalClusters: ExternalCluster[]) => ({ spec: { externalClusters } });
const connectionParameters = { host: 'h' };

ruleTest(distinctExternalClusters, [
  [external({ name: 'a' }, { name: 'b' })],
  [external({ name: 'a' }, { name: 'a' }), 'Invalid spec.externalClusters'],
]);

ruleTest(reachableExternalClusters, [
  [external({ name: 'a', connectionParameters }, { name: 'b', plugin: { name: 'p' } })],
  [external({ name: 'a', connectionParameters }, { name: 'b' }), 'Required spec.externalClusters[1]'],
]);

ruleTest(plainNames, [
  [external({ name: 'a.b', password: { name: '..', key: '/' } })],
  [external({ name: '..' }), 'Invalid spec.externalClusters[0].name'],
  [external({ name: 'a', sslKey: { name: 's', key: 'a/b' } }), 'Invalid spec.externalClusters[0].sslKey.key'],
  [external({ name: 'a', sslCert: { name: 'a\\b', key: 'k' } }), 'Invalid spec.externalClusters[0].sslCert.name'],
]);
