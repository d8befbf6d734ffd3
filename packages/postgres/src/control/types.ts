import type { Lsn } from '../wal/lsn.ts';

export type ClusterState =
  | 'starting up'
  | 'shut down'
  | 'shut down in recovery'
  | 'shutting down'
  | 'in crash recovery'
  | 'in archive recovery'
  | 'in production';

export type WalLevel = 'minimal' | 'replica' | 'logical';

/** The last checkpoint: where recovery starts, and the counters as they were then. */
export interface Checkpoint {
  readonly location: Lsn;
  readonly redo: Lsn;
  readonly redoWalFile: string;
  readonly timeline: number;
  readonly previousTimeline: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly fullPageWrites: boolean;
  /** Epoch in the upper 32 bits. */
  readonly nextXid: bigint;
  readonly nextOid: number;
  readonly nextMultiXactId: number;
  readonly nextMultiOffset: number;
  readonly oldestXid: number;
  readonly oldestXidDatabase: number;
  readonly oldestMultiXid: number;
  readonly oldestMultiDatabase: number;
  readonly oldestCommitTimestampXid: number;
  readonly newestCommitTimestampXid: number;
  readonly oldestActiveXid: number;
}

/** What a data directory says of itself in `global/pg_control`. */
export interface ControlData {
  readonly systemIdentifier: string;
  readonly controlVersion: number;
  readonly catalogVersion: number;
  readonly state: ClusterState;
  /** Seconds since 1970. */
  readonly modifiedAt: number;
  readonly checkpoint: Checkpoint;
  readonly unloggedLsn: Lsn;
  readonly minRecoveryEnd: Lsn;
  readonly minRecoveryEndTimeline: number;
  readonly backupStart: Lsn;
  readonly backupEnd: Lsn;
  readonly backupEndRequired: boolean;
  /** The settings a standby must not go below, as of the last change of them that was replayed. */
  readonly walLevel: WalLevel;
  readonly walLogHints: boolean;
  readonly maxConnections: number;
  readonly maxWorkerProcesses: number;
  readonly maxWalSenders: number;
  readonly maxPreparedTransactions: number;
  readonly maxLocksPerTransaction: number;
  readonly trackCommitTimestamp: boolean;
  readonly maxAlign: number;
  readonly blockSize: number;
  readonly blocksPerSegment: number;
  readonly walBlockSize: number;
  /** Bytes of a WAL segment. */
  readonly segmentSize: number;
  readonly nameLength: number;
  readonly indexMaxKeys: number;
  readonly toastChunkSize: number;
  readonly largeObjectChunkSize: number;
  readonly float8ByValue: boolean;
  /** 0 = no data checksums. */
  readonly dataChecksumVersion: number;
  /** PostgreSQL 18 on. */
  readonly defaultCharSigned?: boolean;
  readonly mockAuthenticationNonce: string;
}
