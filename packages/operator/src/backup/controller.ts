import { type Backup, backupPhases, labels, roles } from '@matriarch/api';
import {
  createController,
  createEventRecorder,
  done,
  isControlledBy,
  keyOf,
  parseKey,
  type ReconcileResult,
} from '@matriarch/kubernetes';
import { podName } from '../cluster/decide/instances.ts';
import type { Operator } from '../runtime/context.ts';
import { outcomes } from '../runtime/outcomes.ts';
import { executeBackup } from './act.ts';
import { decideBackup } from './decide.ts';
import type { BackupSnapshot } from './snapshot.ts';

/** Name that the events of this controller show under From. */
const component = 'cloudnative-pg-backup';

/** Hands Backups to instance managers, one at a time for each cluster. */
export async function startBackupController(operator: Operator, signal: AbortSignal): Promise<void> {
  const { client, caches, log } = operator;
  const events = createEventRecorder(
    client,
    { component },
    { onError: (error) => log.warn({ error }, 'An event could not be written') },
  );
  const controller = createController({
    ...outcomes('backup', operator),
    workers: 1,
    reconcile: async (key, running): Promise<ReconcileResult> => {
      const { name, namespace } = parseKey(key);
      const backup = caches.backups.get(namespace, name);
      if (!backup) return done;
      const snapshot = observeBackup(operator, backup);
      const plan = decideBackup(snapshot);
      return executeBackup({ operator, events, backup, cluster: snapshot.cluster, signal: running }, plan);
    },
  });
  caches.backups.onChange(({ object }) => {
    controller.enqueue(keyOf(object));
    for (const sibling of siblingsOf(operator, object)) if (isWaiting(sibling)) controller.enqueue(keyOf(sibling));
  });
  caches.clusters.onChange(({ object }) => {
    const { name, namespace } = object.metadata;
    for (const backup of caches.backups.list(namespace)) {
      if (backup.spec.cluster.name === name && isOpen(backup)) controller.enqueue(keyOf(backup));
    }
  });
  for (const backup of caches.backups.list()) if (isOpen(backup)) controller.enqueue(keyOf(backup));
  await controller.start(signal);
}

function isOpen({ status }: Backup): boolean {
  return status?.phase !== backupPhases.completed && status?.phase !== backupPhases.failed;
}

const isWaiting = ({ status }: Backup): boolean => status?.phase === undefined || status.phase === backupPhases.pending;

function siblingsOf({ caches }: Operator, { metadata, spec }: Backup): Backup[] {
  return caches.backups.list(metadata.namespace).filter((backup) => backup.spec.cluster.name === spec.cluster.name);
}

function observeBackup(operator: Operator, backup: Backup): BackupSnapshot {
  const { caches, now, instances } = operator;
  const { namespace } = backup.metadata;
  const cluster = caches.clusters.get(namespace, backup.spec.cluster.name);
  const pods = cluster
    ? caches.pods
        .list(namespace)
        .filter((pod) => isControlledBy(pod, cluster) && pod.metadata?.labels?.[labels.podRole] === roles.pod.instance)
        .sort((a, b) => (podName(a) < podName(b) ? -1 : 1))
    : [];
  const sessions = new Map<string, string>();
  for (const [name, observation] of instances.observe(`${namespace}/${backup.spec.cluster.name}`)) {
    if (observation.kind === 'report') sessions.set(name, observation.report.sessionID ?? '');
  }
  return {
    backup,
    cluster,
    siblings: siblingsOf(operator, backup),
    pods,
    sessions,
    haveVolumeSnapshots: false,
    now: now(),
  };
}
