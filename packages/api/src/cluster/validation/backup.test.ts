import type { BarmanObjectStore } from '../../common/objectStore.ts';
import { type ClusterParts, ruleTest } from '../../testing/cluster.ts';
import { azure, google, oneProvider, retentionPolicy, s3 } from './backup.ts';
import { metricsQueriesTtl, minApplyDelay } from './durations.ts';

const path = 'spec.backup.barmanObjectStore';
const store = (credentials: Partial<BarmanObjectStore>): ClusterParts => ({
  spec: { backup: { barmanObjectStore: { destinationPath: 's3://b', ...credentials } } },
});
const key = { name: 's', key: 'k' };

ruleTest(oneProvider, [
  [{ spec: { backup: {} } }],
  [store({ s3Credentials: {} })],
  [store({}), `Invalid ${path}`],
  [store({ s3Credentials: {}, googleCredentials: {} }), `Invalid ${path}`],
]);

ruleTest(azure, [
  [store({ azureCredentials: { connectionString: key } })],
  [store({ azureCredentials: { inheritFromAzureAD: true } })],
  [store({ azureCredentials: { useDefaultAzureCredentials: true } })],
  [store({ azureCredentials: { storageKey: key, storageAccount: key } })],
  [store({ azureCredentials: { connectionString: key, storageAccount: key } }), `Invalid ${path}.azureCredentials`],
  [store({ azureCredentials: {} }), `Invalid ${path}.azureCredentials`],
  [
    store({ azureCredentials: { inheritFromAzureAD: true, useDefaultAzureCredentials: true } }),
    `Invalid ${path}.azureCredentials`,
  ],
  [store({ azureCredentials: { storageSasToken: key } }), `Invalid ${path}.azureCredentials`],
]);

ruleTest(s3, [
  [store({ s3Credentials: { inheritFromIAMRole: true } })],
  [store({ s3Credentials: { accessKeyId: key, secretAccessKey: key } })],
  [store({ s3Credentials: {} }), `Invalid ${path}.s3Credentials`],
  [store({ s3Credentials: { accessKeyId: key } }), `Invalid ${path}.s3Credentials`],
  [store({ s3Credentials: { inheritFromIAMRole: true, accessKeyId: key } }), `Invalid ${path}.s3Credentials`],
]);

const wrongGoogle = 'Invalid spec.backupConfiguration.googleCredentials';
ruleTest(google, [
  [store({ googleCredentials: { gkeEnvironment: true } })],
  [store({ googleCredentials: { applicationCredentials: key } })],
  [store({ googleCredentials: {} }), wrongGoogle],
  [store({ googleCredentials: { gkeEnvironment: true, applicationCredentials: key } }), wrongGoogle],
]);

ruleTest(retentionPolicy, [
  [{ spec: { backup: { retentionPolicy: '30d' } } }],
  [{ spec: { backup: { retentionPolicy: '30' } } }, 'Invalid spec.backup.retentionPolicy'],
  [{ spec: { backup: { retentionPolicy: '0d' } } }, 'Invalid spec.backup.retentionPolicy'],
]);

ruleTest(minApplyDelay, [
  [{ spec: { replica: { source: 'a', minApplyDelay: '1h5m' } } }],
  [{ spec: { replica: { source: 'a', minApplyDelay: '90' } } }, 'Invalid spec.replica.minApplyDelay'],
]);

ruleTest(metricsQueriesTtl, [
  [{ spec: { monitoring: { metricsQueriesTTL: '0' } } }],
  [{ spec: { monitoring: { metricsQueriesTTL: 'often' } } }, 'Invalid spec.monitoring.metricsQueriesTTL'],
]);
