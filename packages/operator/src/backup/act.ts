import {
  type Backup,
  type BackupStatus,
  backupEvents,
  backupPhases,
  type Cluster,
  conditionReasons,
  conditionTypes,
} from '@matriarch/api';
import { done, type EventRecorder, type ExecResult, type ReconcileResult, requeue, sleep } from '@matriarch/kubernetes';
import { postgresContainerName } from '../cluster/builders/pod.ts';
import { kinds } from '../kinds.ts';
import type { Operator } from '../runtime/context.ts';
import { seconds } from './decide.ts';
import type { BackupPlan } from './snapshot.ts';

export interface BackupActContext {
  operator: Operator;
  events: EventRecorder;
  backup: Backup;
  cluster: Cluster | undefined;
  signal: AbortSignal;
}

export async function executeBackup(context: BackupActContext, plan: BackupPlan): Promise<ReconcileResult> {
  const { events, backup } = context;
  switch (plan.kind) {
    case 'wait':
      if (plan.status) await patchBackup(context, plan.status);
      if (plan.event) events.event(backup, plan.event.type, plan.event.reason, plan.event.message);
      return plan.result;
    case 'fail':
      events.event(backup, plan.event.type, plan.event.reason, plan.event.message);
      await fail(context, { error: plan.error }, plan.clusterToo);
      return done;
    case 'start':
      await patchBackup(context, plan.status);
      events.event(backup, plan.event.type, plan.event.reason, plan.event.message);
      return order(context, plan.pod);
  }
}

/** Tells the instance manager to take the backup; from then on it reports by itself. */
async function order(context: BackupActContext, pod: string): Promise<ReconcileResult> {
  const { backup, events } = context;
  const result = await execWithRetry(context, pod);
  if (result.exitCode === 0) return requeue(30_000, 'the backup was ordered');
  const detail = `with stderr: ${result.stderr.trim()}, with stdout: ${result.stdout.trim()}`;
  const error = `can't execute backup: the instance manager of pod ${pod} refused (exit code ${result.exitCode})`;
  events.event(backup, 'Normal', backupEvents.failed, 'Backup failed');
  await fail(context, { error, commandError: detail }, true);
  return done;
}

const attempts = 4;

async function execWithRetry({ operator, backup, signal }: BackupActContext, pod: string): Promise<ExecResult> {
  const command = ['/controller/manager', 'backup', backup.metadata.name];
  let last: ExecResult = { exitCode: -1, stdout: '', stderr: '' };
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (attempt > 0) await sleep(10 * 5 ** (attempt - 1), signal);
    try {
      last = await operator.client.exec(
        { name: pod, namespace: backup.metadata.namespace },
        { container: postgresContainerName, command, signal },
      );
      if (last.exitCode === 0) return last;
    } catch (error) {
      signal.throwIfAborted();
      last = { exitCode: -1, stdout: '', stderr: error instanceof Error ? error.message : String(error) };
    }
  }
  return last;
}

async function patchBackup(
  { operator, backup, signal }: BackupActContext,
  status: Partial<BackupStatus>,
): Promise<void> {
  const { name, namespace } = backup.metadata;
  const body = { status: { error: null, ...status } };
  const options = { subresource: 'status', signal };
  operator.caches.backups.observe(
    await operator.client.patch(kinds.backups, { name, namespace }, { type: 'merge', body }, options),
  );
}

async function fail(context: BackupActContext, status: Partial<BackupStatus>, clusterToo: boolean): Promise<void> {
  const at = seconds(context.operator.now());
  await patchBackup(context, { ...status, phase: backupPhases.failed, reconciliationTerminatedAt: at });
  if (clusterToo && context.cluster) await noteOnCluster(context, context.cluster, status.error ?? '', at);
}

async function noteOnCluster(
  { operator, signal }: BackupActContext,
  cluster: Cluster,
  message: string,
  at: string,
): Promise<void> {
  const type = conditionTypes.lastBackupSucceeded;
  const condition = {
    type,
    status: 'False',
    reason: conditionReasons.lastBackupFailed,
    message,
    lastTransitionTime: at,
  };
  const others = (cluster.status?.conditions ?? []).filter((each) => each.type !== type);
  const { name, namespace, resourceVersion } = cluster.metadata;
  const body = { metadata: { resourceVersion }, status: { lastFailedBackup: at, conditions: [...others, condition] } };
  try {
    await operator.client.patch(
      kinds.clusters,
      { name, namespace },
      { type: 'merge', body },
      { subresource: 'status', signal },
    );
  } catch (error) {
    // The Backup itself says that it failed; this is only a note.
    operator.log.warn({ error, cluster: name }, 'The failed backup could not be noted on the cluster');
  }
}
