import {
  annotations,
  type Backup,
  type Cluster,
  clusterPhases,
  isBackupDone,
  labels,
  nextAfter,
  parseSchedule,
  type ScheduledBackup,
  type ScheduledBackupStatus,
  scheduledBackupEvents,
} from '@matriarch/api';
import { controllerReference, done, type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { inheritedAnnotations, inheritedLabels } from '../cluster/builders/metadata.ts';
import type { OperatorConfig } from '../config/schema.ts';
import { kinds } from '../kinds.ts';

export interface ScheduleSnapshot {
  readonly scheduled: ScheduledBackup;
  readonly cluster: Cluster | undefined;
  /** All Backups of the namespace. */
  readonly backups: readonly Backup[];
  readonly config: OperatorConfig;
  readonly now: number;
}

export interface SchedulePlan {
  readonly create?: Backup;
  readonly status?: ScheduledBackupStatus;
  readonly event?: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };
  readonly result: ReconcileResult;
}

const healthyCheckMs = 5_000;
const runningCheckMs = 60_000;

/**
 * A slot of the schedule becomes one Backup, named after the slot; so doing it twice finds the first one. Slots that
 * were missed become one Backup together.
 */
export function decideSchedule(snapshot: ScheduleSnapshot): SchedulePlan {
  const { scheduled, backups, now } = snapshot;
  if (scheduled.spec.suspend || scheduled.metadata.deletionTimestamp) return { result: done };
  const children = backups.filter((backup) => isChild(scheduled, backup));
  if (children.some((backup) => !isBackupDone(backup)))
    return { result: requeue(runningCheckMs, 'a backup is being taken') };
  const parsed = parseSchedule(scheduled.spec.schedule);
  if (!parsed.ok) {
    return { status: { error: parsed.error }, result: { kind: 'terminal', reason: parsed.error } };
  }
  const next = (after: number) => nextAfter(parsed.schedule, new Date(after))?.getTime();
  const lastCheck = scheduled.status?.lastCheckTime;
  if (!lastCheck) return scheduled.spec.immediate ? immediate(snapshot, children, next) : first(next(now), now);
  const slot = next(Date.parse(lastCheck));
  if (slot === undefined) return noSchedule;
  if (now < slot) return { result: requeue(slot - now, 'waiting for the next slot') };
  return take(snapshot, slot, { immediate: false, next: next(now) });
}

const noSchedule: SchedulePlan = {
  event: {
    type: 'Warning',
    reason: scheduledBackupEvents.noSchedule,
    message: 'The schedule has no time within five years',
  },
  result: done,
};

function first(slot: number | undefined, now: number): SchedulePlan {
  if (slot === undefined) return noSchedule;
  const status = { lastCheckTime: seconds(now), nextScheduleTime: seconds(slot) };
  return { status, result: requeue(slot - now, 'waiting for the first slot') };
}

function immediate(
  snapshot: ScheduleSnapshot,
  children: readonly Backup[],
  next: (after: number) => number | undefined,
): SchedulePlan {
  const { scheduled, cluster, now } = snapshot;
  if (scheduled.spec.method === 'volumeSnapshot' && cluster?.status?.phase !== clusterPhases.healthy) {
    const reason = cluster ? scheduledBackupEvents.clusterNotHealthy : scheduledBackupEvents.invalidCluster;
    const message = `Waiting for cluster ${scheduled.spec.cluster.name} to be healthy`;
    return { event: { type: 'Warning', reason, message }, result: requeue(healthyCheckMs, message) };
  }
  const [earlier] = children
    .filter(({ metadata }) => metadata.labels?.[labels.immediateBackup] === 'true')
    .sort((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1));
  if (!earlier) return take(snapshot, now, { immediate: true, next: next(now) });
  return finish(now, Date.parse(earlier.metadata.creationTimestamp ?? seconds(now)), next(now));
}

function take(
  snapshot: ScheduleSnapshot,
  slot: number,
  options: { immediate: boolean; next: number | undefined },
): SchedulePlan {
  const { scheduled, backups, now } = snapshot;
  const name = `${scheduled.metadata.name}-${slotDigits(slot)}`;
  const existing = backups.find(({ metadata }) => metadata.name === name);
  if (existing && !isChild(scheduled, existing)) {
    const message = `Backup ${name} exists and was not made by this ScheduledBackup; the slot is skipped`;
    const plan = finish(now, undefined, options.next);
    return { ...plan, event: { type: 'Warning', reason: scheduledBackupEvents.backupAdoptionRefused, message } };
  }
  const plan = finish(now, slot, options.next);
  if (existing) return plan;
  const message = `Scheduled backup ${name}`;
  const event = { type: 'Normal', reason: scheduledBackupEvents.backupSchedule, message } as const;
  return { ...plan, create: buildBackup(snapshot, name, options.immediate), event };
}

function finish(now: number, slot: number | undefined, next: number | undefined): SchedulePlan {
  const status: ScheduledBackupStatus = {
    lastCheckTime: seconds(now),
    ...(slot === undefined ? {} : { lastScheduleTime: seconds(slot) }),
    ...(next === undefined ? {} : { nextScheduleTime: seconds(next) }),
  };
  return { status, result: next === undefined ? done : requeue(next - now, 'waiting for the next slot') };
}

function isChild({ metadata }: ScheduledBackup, backup: Backup): boolean {
  return backup.metadata.labels?.[labels.scheduledBackup] === metadata.name;
}

function buildBackup({ scheduled, cluster, config }: ScheduleSnapshot, name: string, isImmediate: boolean): Backup {
  const { spec, metadata } = scheduled;
  const inherited = cluster && spec.backupOwnerReference === 'cluster' ? { cluster, config } : undefined;
  const deadline = metadata.annotations?.[annotations.volumeSnapshotDeadline];
  const { cluster: target, method, target: instance, online, onlineConfiguration, pluginConfiguration } = spec;
  const owner =
    spec.backupOwnerReference === 'self'
      ? [controllerReference(kinds.scheduledBackups, scheduled)]
      : inherited && [controllerReference(kinds.clusters, inherited.cluster)];
  return {
    metadata: {
      name,
      namespace: metadata.namespace,
      labels: {
        ...(inherited ? inheritedLabels(inherited) : {}),
        [labels.cluster]: target.name,
        [labels.immediateBackup]: String(isImmediate),
        [labels.scheduledBackup]: metadata.name,
      },
      annotations: {
        ...(inherited ? inheritedAnnotations(inherited) : {}),
        ...(deadline === undefined ? {} : { [annotations.volumeSnapshotDeadline]: deadline }),
      },
      ...(owner ? { ownerReferences: owner } : {}),
    },
    spec: {
      cluster: target,
      ...(method === undefined ? {} : { method }),
      ...(instance === undefined ? {} : { target: instance }),
      ...(online === undefined ? {} : { online }),
      ...(onlineConfiguration === undefined ? {} : { onlineConfiguration }),
      ...(pluginConfiguration === undefined ? {} : { pluginConfiguration }),
    },
  };
}

const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** The slot as YYYYMMDDHHMMSS, in the zone of the operator like the schedule itself. */
function slotDigits(ms: number): string {
  const date = new Date(ms);
  const parts = [date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()];
  return `${date.getFullYear()}${parts.map((part) => String(part).padStart(2, '0')).join('')}`;
}
