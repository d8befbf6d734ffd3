/** What an instance manager says of its instance at `/pg/status`. */
export interface InstanceReport {
  systemID?: string;
  isPrimary?: boolean;
  currentLsn?: string;
  receivedLsn?: string;
  replayLsn?: string;
  currentWAL?: string;
  timeLineID?: number;
  replayPaused?: boolean;
  isWalReceiverActive?: boolean;
  isPgRewindRunning?: boolean;
  pendingRestart?: boolean;
  mightBeUnavailable?: boolean;
  isArchivingWAL?: boolean;
  lastArchivedWAL?: string;
  lastArchivedWALTime?: string;
  lastFailedWAL?: string;
  lastFailedWALTime?: string;
  readyWalFiles?: number;
  /** Sum of the sizes of all databases, as pg_size_pretty prints it. */
  totalInstanceSize?: string;
  replicationInfo?: ReplicationRow[];
  replicationSlotsInfo?: SlotRow[];
  pgStatBasebackupsInfo?: BaseBackupRow[];
  instanceManagerVersion?: string;
}

export interface ReplicationRow {
  applicationName?: string;
  state?: string;
  /** Despite its name the LSN that was sent. */
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

export interface SlotRow {
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

export interface BaseBackupRow {
  application_name?: string;
  phase?: string;
  backend_start?: string;
  backup_total_pretty?: string;
  backup_streamed_pretty?: string;
  backup_total?: number;
  backup_streamed?: number;
  tablespaces_total?: number;
  tablespaces_streamed?: number;
}
