// Where and how backups and WAL are kept in an object store; used by spec.backup and by external clusters, and its
// credentials by the status of a Backup.
import { array, as, boolean, integer, map, object, required, type Static, string } from '../schema/nodes.ts';
import { keySelector } from './references.ts';

const secret = (description: string) => as(keySelector, description);

export const s3Credentials = object('Credentials for Amazon S3 and stores that speak its protocol.', {
  accessKeyId: secret('Secret key that holds the access key id.'),
  inheritFromIAMRole: boolean('Take the credentials from the role of the pod; no keys are then needed.'),
  region: secret('Secret key that holds the name of the region.'),
  secretAccessKey: secret('Secret key that holds the secret access key.'),
  sessionToken: secret('Secret key that holds the session token of temporary credentials.'),
});
export type S3Credentials = Static<typeof s3Credentials>;

export const azureCredentials = object('Credentials for Azure Blob Storage.', {
  connectionString: secret('Secret key that holds the connection string; nothing else is then needed.'),
  inheritFromAzureAD: boolean('Take the credentials from the managed identity of the pod.'),
  storageAccount: secret('Secret key that holds the name of the storage account.'),
  storageKey: secret('Secret key that holds the key of the storage account.'),
  storageSasToken: secret('Secret key that holds a shared access signature.'),
  useDefaultAzureCredentials: boolean('Look for credentials in the usual order of the Azure SDK.'),
});
export type AzureCredentials = Static<typeof azureCredentials>;

export const googleCredentials = object('Credentials for Google Cloud Storage.', {
  applicationCredentials: secret('Secret key that holds the JSON key file of a service account.'),
  gkeEnvironment: boolean('Take the credentials from the workload identity of the pod.'),
});
export type GoogleCredentials = Static<typeof googleCredentials>;

export const endpointCA = secret('Secret key that holds the CA certificate of the endpoint, in PEM form.');

const encryption = string('Encryption at rest, done by the store. Empty: what the bucket does by default.', {
  enum: ['AES256', 'aws:kms'],
});
const extraArguments = (description: string) => array(string(), description);

const data = object('How base backups are made and kept.', {
  additionalCommandArgs: extraArguments('More options for taking a base backup.'),
  compression: string('Compression of the base backup. Empty: none.', { enum: ['bzip2', 'gzip', 'lz4', 'snappy'] }),
  encryption,
  immediateCheckpoint: boolean('Ask PostgreSQL for a fast checkpoint at the start instead of a spread one.'),
  jobs: integer('Number of uploads at the same time.', { minimum: 1, format: 'int32' }),
  restoreAdditionalCommandArgs: extraArguments('More options for restoring a base backup.'),
});

const wal = object('How WAL is archived and kept.', {
  archiveAdditionalCommandArgs: extraArguments('More options for archiving WAL.'),
  compression: string('Compression of archived WAL. Empty: none.', {
    enum: ['bzip2', 'gzip', 'lz4', 'snappy', 'xz', 'zstd'],
  }),
  encryption,
  maxParallel: integer('Number of WAL files transferred at the same time.', { minimum: 1 }),
  restoreAdditionalCommandArgs: extraArguments('More options for fetching WAL.'),
});

export const barmanObjectStore = object(
  'An object store with base backups and a WAL archive, laid out as Barman does.',
  {
    azureCredentials,
    data,
    destinationPath: required(
      string('URL of the folder below which everything is kept, such as s3://bucket/folder.', { minLength: 1 }),
    ),
    endpointCA,
    endpointURL: string('Address of the store, where it is not the default one of the provider.'),
    googleCredentials,
    historyTags: map(string(), 'Tags put on archived timeline history files.'),
    s3Credentials,
    serverName: string('Folder of this server below destinationPath. Empty: the name of the cluster.'),
    tags: map(string(), 'Tags put on the files that are written.'),
    wal,
  },
);
export type BarmanObjectStore = Static<typeof barmanObjectStore>;
