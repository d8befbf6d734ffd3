/** What the manager and its worker tell each other, one JSON message at a time over the channel between them. */
import type { BackupInfo, StoreConfig } from '@matriarch/objectstore';

export interface ArchiveTask {
  readonly store: StoreConfig;
  readonly maxParallel: number;
  /** Refuse to write into an archive that holds another cluster's WAL, while the mark in the data directory is there. */
  readonly checkEmpty: boolean;
}

export interface RestoreTask {
  readonly store: StoreConfig;
  readonly maxParallel: number;
  /** History files of later timelines are not shown to a standby; 0 = all are. */
  readonly lastTimeline: number;
  /** Bootstrap: an archive that cannot be asked must not look like the end of the WAL. */
  readonly strict: boolean;
}

export interface WorkerPaths {
  readonly pgData: string;
  readonly archiveSpool: string;
  readonly restoreSpool: string;
}

export interface BackupTask {
  readonly id: string;
  readonly backupName: string;
  readonly store: StoreConfig;
  readonly paths: WorkerPaths;
  readonly socketDirectory: string;
}

export interface MaintenanceTask {
  readonly id: string;
  readonly store: StoreConfig;
  readonly retentionPolicy: string | undefined;
}

export type ToWorker =
  | {
      readonly kind: 'configure';
      readonly paths: WorkerPaths;
      readonly archive: ArchiveTask | undefined;
      readonly restore: RestoreTask | undefined;
    }
  | { readonly kind: 'backup'; readonly task: BackupTask }
  | { readonly kind: 'maintain'; readonly task: MaintenanceTask }
  | { readonly kind: 'archive-all'; readonly id: string }
  /** Take no more requests, and tell when those under way are answered. */
  | { readonly kind: 'drain'; readonly id: string };

/** Times as text: messages are JSON. */
export type BackupReport = { readonly [K in keyof BackupInfo]?: string };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'archived'; readonly name: string }
  | { readonly kind: 'archive-failed'; readonly name: string; readonly error: string }
  | { readonly kind: 'done'; readonly id: string; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: string; readonly error: string }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly fields: object;
      readonly message: string;
    };
