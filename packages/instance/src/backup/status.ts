import { type BackupStatus, type BarmanObjectStore, backupPhases, type Cluster } from '@matriarch/api';

/** What a Backup keeps of the place it goes to: a recovery from it uses these and not the Cluster. */
export function runningStatus(place: BarmanObjectStore, cluster: Cluster, backupName: string): BackupStatus {
  return {
    phase: backupPhases.running,
    backupName,
    serverName: place.serverName || cluster.metadata.name || '',
    destinationPath: place.destinationPath,
    ...(place.endpointURL ? { endpointURL: place.endpointURL } : {}),
    ...(place.endpointCA === undefined ? {} : { endpointCA: place.endpointCA }),
    ...(place.s3Credentials === undefined ? {} : { s3Credentials: place.s3Credentials }),
    ...(place.data?.encryption ? { encryption: place.data.encryption } : {}),
  };
}

interface Report {
  readonly backupId?: string;
  readonly beginTime?: string;
  readonly endTime?: string;
  readonly beginWal?: string;
  readonly endWal?: string;
  readonly beginLsn?: string;
  readonly endLsn?: string;
}

/** The worker's report as it came through the channel: dates are texts there. */
export function completedStatus(report: unknown): BackupStatus {
  const info = report as Report;
  const { backupId = '', beginWal = '', endWal = '', beginLsn = '', endLsn = '' } = info;
  return {
    phase: backupPhases.completed,
    error: '',
    backupId,
    beginWal,
    endWal,
    beginLSN: beginLsn,
    endLSN: endLsn,
    startedAt: seconds(info.beginTime),
    stoppedAt: seconds(info.endTime),
    reconciliationTerminatedAt: seconds(new Date().toISOString()),
  };
}

function seconds(time: string | undefined): string {
  return new Date(time ?? Date.now()).toISOString().replace(/\.\d+Z$/, 'Z');
}
