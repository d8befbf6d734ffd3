import { azureCredentials, endpointCA, googleCredentials, s3Credentials } from '../common/objectStore.ts';
import { array, boolean, integer, map, object, required, type Static, string } from '../schema/nodes.ts';

const time = (description: string) => string(description, { format: 'date-time' });
const bytes = (description: string) => string(description, { format: 'byte' });

const snapshotElement = object('One snapshot.', {
  name: required(string('Name of the VolumeSnapshot.')),
  tablespaceName: string('The tablespace, for a snapshot of one.'),
  type: required(string('PG_DATA, PG_WAL or PG_TABLESPACE.')),
});

const place = {
  azureCredentials,
  destinationPath: string('URL of the folder that holds it.'),
  encryption: string('Encryption at rest.'),
  endpointCA,
  endpointURL: string('Address of the store.'),
  googleCredentials,
  s3Credentials,
  serverName: string('Folder of the server below destinationPath.'),
};

const contents = {
  backupId: string('Its id in the object store.'),
  backupLabelFile: bytes('Contents of backup_label, for an online snapshot.'),
  backupName: string('Its name in the object store.'),
  beginLSN: string('WAL position at the start.'),
  beginWal: string('First WAL file that a restore needs.'),
  endLSN: string('WAL position at the end.'),
  endWal: string('Last WAL file that a restore needs.'),
  majorVersion: integer('Major version of PostgreSQL.'),
  method: string('How it was taken.'),
  online: boolean('Whether the instance was running.'),
  pluginMetadata: map(string(), 'What the plugin keeps about it.'),
  snapshotBackupStatus: object('The snapshots.', { elements: array(snapshotElement, 'One for each volume.') }),
  tablespaceMapFile: bytes('Contents of tablespace_map, for an online snapshot.'),
};

const progress = {
  commandError: string('What the command wrote as error.'),
  commandOutput: string('What the command wrote. No longer kept.'),
  error: string('Why it failed.'),
  instanceID: object('The instance that it was taken from.', {
    ContainerID: string('Its container.'),
    podName: string('Its pod.'),
    sessionID: string('Its instance manager.'),
  }),
  phase: string('What is going on.'),
  reconciliationStartedAt: time('When the operator began with it.'),
  reconciliationTerminatedAt: time('When the operator was done with it.'),
  startedAt: time('When the backup began.'),
  stoppedAt: time('When the backup ended.'),
};

export const backupStatus = object('What became of it.', { ...place, ...contents, ...progress });
export type BackupStatus = Static<typeof backupStatus>;
export type SnapshotElement = Static<typeof snapshotElement>;
