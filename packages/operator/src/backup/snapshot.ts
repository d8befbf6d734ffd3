import type { Backup, BackupStatus, Cluster } from '@matriarch/api';
import type { ReconcileResult } from '@matriarch/kubernetes';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';

/** Everything that decisions about one Backup depend on. */
export interface BackupSnapshot {
  readonly backup: Backup;
  readonly cluster: Cluster | undefined;
  /** All Backups of the same cluster, this one among them. */
  readonly siblings: readonly Backup[];
  /** Pods of the cluster's instances, by name. */
  readonly pods: readonly Pod[];
  /** Session of the instance manager of each pod, as far as known. */
  readonly sessions: ReadonlyMap<string, string>;
  readonly haveVolumeSnapshots: boolean;
  readonly now: number;
}

export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export type BackupPlan =
  | {
      readonly kind: 'wait';
      readonly result: ReconcileResult;
      readonly status?: Partial<BackupStatus>;
      readonly event?: EventText;
    }
  | { readonly kind: 'fail'; readonly error: string; readonly event: EventText; readonly clusterToo: boolean }
  | { readonly kind: 'start'; readonly pod: string; readonly status: Partial<BackupStatus>; readonly event: EventText };
