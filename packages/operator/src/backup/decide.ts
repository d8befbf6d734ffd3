import {
  annotations,
  backupEvents,
  backupPhases,
  backupsInOrder,
  backupTarget,
  conditionReasons,
  conditionTypes,
  imageVersion,
  isBackupDone,
} from '@matriarch/api';
import { done, requeue } from '@matriarch/kubernetes';
import { isPodActive, podName } from '../cluster/decide/instances.ts';
import type { BackupPlan, BackupSnapshot, EventText } from './snapshot.ts';
import { chooseTarget, containerId } from './target.ts';

/*
 * A Backup waits for its turn (pending), is handed to an instance manager (started), which then reports by itself
 * (running, completed, failed). The operator only watches that this manager is still the same and alive. `started` is
 * written before the manager is told: a crash in between leads to the order being given again.
 */
export function decideBackup(snapshot: BackupSnapshot): BackupPlan {
  const { backup, cluster } = snapshot;
  if (isBackupDone(backup) || backup.metadata.deletionTimestamp) return { kind: 'wait', result: done };
  if (backup.metadata.annotations?.[annotations.reconciliationLoop] === 'disabled')
    return { kind: 'wait', result: done };
  if (!cluster) {
    const name = `${backup.metadata.namespace}/${backup.spec.cluster.name}`;
    const message = `Cluster "${name}" does not exist, looking again in 30 seconds: create it, or the Backup where its Cluster is`;
    return pending(snapshot, 30_000, { type: 'Warning', reason: backupEvents.findingCluster, message });
  }
  const refusal = refuse(snapshot);
  if (refusal) return refusal;
  const { phase } = backup.status ?? {};
  if (phase === backupPhases.started || phase === backupPhases.running) return watchRun(snapshot);
  const [next] = backupsInOrder(snapshot.siblings);
  if (next && next.metadata.name !== backup.metadata.name) {
    const message = `Waiting for backup ${next.metadata.name} of the same cluster`;
    return pending(snapshot, 10_000, { type: 'Warning', reason: backupEvents.backupPending, message });
  }
  return start(snapshot, backupEvents.starting);
}

function pending({ backup }: BackupSnapshot, afterMs: number, event: EventText): BackupPlan {
  const result = requeue(afterMs, event.message);
  if (backup.status?.phase === backupPhases.pending) return { kind: 'wait', result };
  return { kind: 'wait', result, status: { phase: backupPhases.pending }, event };
}

/** What can never work for this cluster fails at once, with a reason of its own. */
function refuse({ backup, cluster, haveVolumeSnapshots }: BackupSnapshot): BackupPlan | undefined {
  const configuration = cluster?.spec.backup;
  const name = cluster?.metadata.name;
  const hibernated = cluster?.status?.conditions?.some(
    ({ type, reason }) => type === conditionTypes.hibernation && reason === conditionReasons.hibernated,
  );
  if (hibernated) return failed('ClusterIsHibernated', `cannot back up cluster ${name}: it is hibernated`);
  const { method } = backup.spec;
  if (method === 'plugin') {
    return (cluster?.spec.plugins ?? []).length > 0
      ? undefined
      : failed(
          'ClusterHasNoBackupExecutorPlugin',
          `cannot back up cluster ${name}: it has no plugin that takes backups; see spec.plugins`,
        );
  }
  if (!configuration)
    return failed('ClusterHasBackupConfigured', `cannot back up cluster ${name}: spec.backup is missing`);
  if (method === 'volumeSnapshot') {
    if (!haveVolumeSnapshots)
      return failed(
        'ClusterHasNoVolumeSnapshotCRD',
        'cannot take volume snapshots: this Kubernetes has no VolumeSnapshot kind',
      );
    if (!configuration.volumeSnapshot)
      return failed(
        'ClusterHasNoVolumeSnapshotSection',
        `cannot back up cluster ${name}: spec.backup.volumeSnapshot is missing`,
      );
    return undefined;
  }
  if (configuration.barmanObjectStore) return undefined;
  return failed(
    'ClusterHasNoBarmanSection',
    `cannot back up cluster ${name}: spec.backup.barmanObjectStore is missing`,
  );
}

function failed(reason: string, error: string, options: { clusterToo?: boolean } = {}): BackupPlan {
  return {
    kind: 'fail',
    error,
    event: { type: 'Warning', reason, message: error },
    clusterToo: options.clusterToo ?? true,
  };
}

function watchRun(snapshot: BackupSnapshot): BackupPlan {
  const { backup, cluster, pods, sessions } = snapshot;
  const { podName: name = '', ContainerID: container, sessionID: session } = backup.status?.instanceID ?? {};
  const pod = pods.find((each) => podName(each) === name);
  const known = sessions.get(name);
  if (pod && isPodActive(pod) && session && known && known !== session) {
    const error = `instance manager was restarted during backup on pod ${name}`;
    return failed(backupEvents.instanceManagerRestarted, error);
  }
  const wantsPrimary = cluster && backupTarget(backup, cluster) === 'primary';
  const moved = wantsPrimary && cluster.status?.targetPrimary !== name;
  if (!pod || !isPodActive(pod) || containerId(pod) !== container || moved)
    return start(snapshot, backupEvents.reStarting);
  if (!cluster?.status?.instancesStatus?.healthy?.includes(name)) {
    const error = `while ensuring target pod is healthy: pod ${name} is not among the healthy instances`;
    return failed(backupEvents.targetPodNotHealthy, error, { clusterToo: false });
  }
  const started = backup.status?.phase === backupPhases.started;
  return { kind: 'wait', result: requeue(started ? 30_000 : 600_000, 'the backup is being taken') };
}

function start(snapshot: BackupSnapshot, reason: string): BackupPlan {
  const { backup, cluster, sessions, now } = snapshot;
  const target = chooseTarget(snapshot);
  if ('problem' in target) {
    return pending(snapshot, 30_000, { type: 'Warning', reason: backupEvents.findingPod, message: target.problem });
  }
  const pod = podName(target.pod);
  const sessionID = sessions.get(pod);
  if (sessionID === undefined) {
    const message = `the status of pod ${pod} cannot be read`;
    return pending(snapshot, 30_000, { type: 'Warning', reason: backupEvents.findingPod, message });
  }
  const major = imageVersion(cluster?.status?.image ?? '')?.major;
  return {
    kind: 'start',
    pod,
    status: {
      phase: backupPhases.started,
      method: backup.spec.method ?? 'barmanObjectStore',
      instanceID: { podName: pod, ContainerID: containerId(target.pod), sessionID },
      reconciliationStartedAt: seconds(now),
      ...(major === undefined ? {} : { majorVersion: major }),
    },
    event: { type: 'Normal', reason, message: `Starting backup for cluster ${backup.spec.cluster.name}` },
  };
}

export function seconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
