/**
 * A backup into the object store, asked for by the operator through `/pg/backup?name=`.
 *
 *   request checked -> Backup running -> archiving works -> base backup -> Backup completed -> maintenance
 *
 * The request is answered once the Backup says `running`; the rest goes on beside everything else. A manager that ends
 * on the way leaves a running Backup with its session's id, by which the operator sees that nobody works on it.
 */
import {
  type Backup,
  type BarmanObjectStore,
  backupEvents,
  backupPhases,
  type Cluster,
  conditionMessages,
  conditionReasons,
  conditionTypes,
} from '@matriarch/api';
import { isNotFound } from '@matriarch/kubernetes';
import { type Archiving, workerPaths } from '../archive/archiving.ts';
import { storeConfig } from '../archive/storeConfig.ts';
import { setCondition } from '../clusterStatus.ts';
import { type Handler, text } from '../http/router.ts';
import type { Instance } from '../instance.ts';
import { backups } from '../kinds.ts';
import { errorText } from '../logger.ts';
import { archivingWorks } from './archivingWorks.ts';
import { maintain } from './maintain.ts';
import { completedStatus, runningStatus } from './status.ts';

export interface BackupRunner {
  readonly start: Handler;
}

export function createBackupRunner(instance: Instance, archiving: Archiving, signal: AbortSignal): BackupRunner {
  const { namespace } = instance.options;
  return {
    async start(request) {
      const name = request.query.get('name') ?? '';
      if (name === '') return text(400, 'the parameter "name" is missing: it names the Backup');
      const backup = await instance.client
        .get(backups, { namespace, name }, { signal: AbortSignal.timeout(10_000) })
        .catch((error: unknown) => {
          if (isNotFound(error)) return undefined;
          throw error;
        });
      if (backup === undefined) return text(400, `there is no Backup ${namespace}/${name}`);
      const method = backup.spec.method ?? 'barmanObjectStore';
      if (method !== 'barmanObjectStore') return text(400, `the method "${method}" is not run by the instance manager`);
      const cluster = instance.cluster.current();
      const place = cluster?.spec.backup?.barmanObjectStore;
      if (cluster === undefined || place === undefined) {
        return text(
          409,
          'spec.backup.barmanObjectStore of the Cluster is not set: name a destinationPath and credentials',
        );
      }
      const backupName = `backup-${new Date().toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}`;
      const running = await patch(instance, backup, runningStatus(place, cluster, backupName));
      void run(instance, archiving, running, cluster, place, backupName, signal);
      return text(200, 'OK');
    },
  };
}

async function run(
  instance: Instance,
  archiving: Archiving,
  backup: Backup,
  cluster: Cluster,
  place: BarmanObjectStore,
  backupName: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    instance.events.event(backup, 'Normal', backupEvents.starting, 'Backup started');
    await setCondition(instance, lastBackup('False', conditionReasons.backupStarted, conditionMessages.backupStarted));
    await archivingWorks(instance, cluster, signal);
    const store = await storeConfig(place, cluster.metadata.name ?? '', instance.secrets);
    const socketDirectory = instance.options.layout.run;
    const report = await archiving.worker.perform((id) => ({
      kind: 'backup',
      task: { id, backupName, store, paths: workerPaths(instance), socketDirectory },
    }));
    await patch(instance, backup, completedStatus(report));
    await setCondition(
      instance,
      lastBackup('True', conditionReasons.lastBackupSucceeded, conditionMessages.lastBackupSucceeded),
    );
    instance.events.event(backup, 'Normal', backupEvents.completed, 'Backup completed');
  } catch (error) {
    await fail(instance, backup, errorText(error));
  }
  await maintain(instance, archiving, cluster, place).catch((error: unknown) => {
    instance.logger.warn({ error: errorText(error) }, 'The maintenance after the backup failed');
  });
}

async function fail(instance: Instance, backup: Backup, message: string): Promise<void> {
  instance.logger.error({ backup: backup.metadata.name, error: message }, 'The backup failed');
  instance.events.event(backup, 'Normal', backupEvents.failed, 'Backup failed');
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  try {
    await patch(instance, backup, { phase: backupPhases.failed, error: message, reconciliationTerminatedAt: now });
    await setCondition(instance, lastBackup('False', conditionReasons.lastBackupFailed, message), {
      lastFailedBackup: now,
    });
  } catch (error) {
    instance.logger.error({ error: errorText(error) }, 'The failure of the backup could not be written down');
  }
}

function lastBackup(status: 'True' | 'False', reason: string, message: string) {
  return { type: conditionTypes.lastBackupSucceeded, status, reason, message };
}

async function patch(instance: Instance, backup: Backup, status: object): Promise<Backup> {
  const key = { namespace: instance.options.namespace, name: backup.metadata.name ?? '' };
  const options = { subresource: 'status', signal: AbortSignal.timeout(10_000) };
  return instance.client.patch(backups, key, { type: 'merge', body: { status } }, options);
}
