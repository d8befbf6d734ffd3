import type { SpaceReport } from '../space/report.ts';

/** What `/pg/status` answers; the operator and the kubectl plugin read it. Absent fields are zero values. */
export interface PostgresqlStatus {
  currentLsn?: string;
  receivedLsn?: string;
  replayLsn?: string;
  systemID: string;
  isPrimary: boolean;
  replayPaused: boolean;
  pendingRestart: boolean;
  pendingRestartForDecrease: boolean;
  isWalReceiverActive: boolean;
  isPgRewindRunning: boolean;
  mightBeUnavailable: boolean;
  mightBeUnavailableMaskedError?: string;
  isArchivingWAL?: boolean;
  node: string;
  pod: { metadata: { name: string } };
  loadedConfigurationHash?: string;
  lastArchivedWAL?: string;
  lastArchivedWALTime?: string;
  lastFailedWAL?: string;
  lastFailedWALTime?: string;
  currentWAL?: string;
  readyWalFiles?: number;
  timeLineID?: number;
  replicationInfo?: ReplicationInfo[];
  replicationSlotsInfo?: ReplicationSlotInfo[];
  pgStatBasebackupsInfo?: BasebackupInfo[];
  executableHash: string;
  instanceManagerVersion: string;
  instanceArch: string;
  isInstanceManagerUpgrading: boolean;
  sessionID: string;
  isPodReady: boolean;
  /** Since when (RFC 3339) PostgreSQL or one of its volumes has not answered; absent while all is well. */
  unresponsiveSince?: string;
  /** What does not answer, as a sentence. */
  unresponsiveReason?: string;
  /** As a standby: the manager of the primary does not answer. */
  primaryUnreachable?: boolean;
  /** As a standby: time of the `pending` target since which no more WAL is received. */
  targetSeen?: string;
  /** Last word of a manager whose PostgreSQL ended by itself. */
  postgresqlEnded?: boolean;
  /** Absent while every volume has space. */
  diskSpace?: SpaceReport;
}

export interface ReplicationInfo {
  applicationName?: string;
  state?: string;
  /** On the wire this name holds sent_lsn. */
  receivedLsn?: string;
  writeLsn?: string;
  flushLsn?: string;
  replayLsn?: string;
  writeLag?: string;
  flushLag?: string;
  replayLag?: string;
  syncState?: string;
  syncPriority?: string;
}

export interface ReplicationSlotInfo {
  slotName?: string;
  plugin?: string;
  slotType?: string;
  datoid?: string;
  database?: string;
  xmin?: string;
  catalogXmin?: string;
  restartLsn?: string;
  walStatus?: string;
  safeWalSize?: number | null;
  active?: boolean;
}

export interface BasebackupInfo {
  usename: string;
  application_name: string;
  backend_start: string;
  phase: string;
  backup_total: number;
  backup_streamed: number;
  backup_total_pretty: string;
  backup_streamed_pretty: string;
  tablespaces_total: number;
  tablespaces_streamed: number;
}
