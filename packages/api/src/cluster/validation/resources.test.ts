import { type ClusterParts, ruleTest } from '../../testing/cluster.ts';
import { environment, hugePagesEqual, hugePagesNotAlone, requestsWithinLimits, sharedBuffersFit } from './resources.ts';

type Amounts = Record<string, string>;
const resources = (requests: Amounts, limits: Amounts = {}, parameters: Amounts = {}): ClusterParts => ({
  spec: { resources: { requests, limits }, postgresql: { parameters } },
});

ruleTest(requestsWithinLimits, [
  [{}],
  [resources({ cpu: '1', memory: '1Gi' }, { cpu: '1000m', memory: '1Gi' })],
  [resources({ cpu: '1' }, { cpu: '0' })],
  [resources({ cpu: '1100m' }, { cpu: '1' }), 'Invalid spec.resources.requests.cpu'],
  [resources({ memory: '1G' }, { memory: '900Mi' }), 'Invalid spec.resources.requests.memory'],
  [resources({ 'ephemeral-storage': '2G' }, { 'ephemeral-storage': '1G' }), 'Invalid spec.resources.requests.storage'],
]);

ruleTest(hugePagesEqual, [
  [resources({ 'hugepages-2Mi': '1Gi' })],
  [resources({ 'hugepages-2Mi': '1Gi' }, { 'hugepages-2Mi': '1024Mi' })],
  [resources({ 'hugepages-2Mi': '1Gi' }, { 'hugepages-2Mi': '2Gi' }), 'Invalid spec.resources.requests.hugepages-2Mi'],
]);

ruleTest(hugePagesNotAlone, [
  [resources({ 'hugepages-2Mi': '1Gi' }, { cpu: '1' })],
  [resources({}, { 'hugepages-2Mi': '1Gi' }), 'Forbidden spec.resources'],
]);

ruleTest(sharedBuffersFit, [
  [resources({}, {}, { shared_buffers: '8GB' })],
  [resources({ memory: '1Gi' }, {}, { shared_buffers: '1GB' })],
  [resources({ memory: '1Gi' }, {}, { shared_buffers: '1025MB' }), 'Invalid spec.resources.requests'],
  [resources({ memory: '1Gi' }, { 'hugepages-2Mi': '2Gi' }, { shared_buffers: '2GB' })],
  [resources({ memory: '1Gi' }, {}, { shared_buffers: 'much' })],
]);

const env = (name: string) => ({ spec: { env: [{ name, value: 'v' }] } });
ruleTest(environment, [
  [env('TZ')],
  ...['PGDATA', 'pgoptions', 'CNPG_SECRET', 'POD_NAME', 'namespace', 'CLUSTER_NAME'].map(
    (name) => [env(name), 'Invalid spec.postgresql.env[0].name'] as const,
  ),
]);
