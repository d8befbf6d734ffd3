import { externalCluster } from '@matriarch/api';
import { sleep } from '@matriarch/kubernetes';
import type { StoreConfig } from '@matriarch/objectstore';
import { storeConfig } from '../../archive/storeConfig.ts';
import { backups } from '../../kinds.ts';
import type { Job } from '../job.ts';

export interface RecoverySource {
  readonly store: StoreConfig;
  /** Set when the Cluster names a Backup: then its target does not choose another. */
  readonly backupId: string | undefined;
  /** Name of the external cluster, which a replica cluster goes on to follow. */
  readonly external: string | undefined;
}

/** Where the recovery of this cluster takes backup and WAL from; undefined = from volumes alone. */
export async function recoverySource(job: Job): Promise<RecoverySource | undefined> {
  const recovery = job.cluster.spec.bootstrap?.recovery;
  if (recovery?.backup !== undefined) return fromBackupObject(job, recovery.backup.name);
  if (recovery?.source === undefined || recovery.source === '') return undefined;
  const external = externalCluster(job.cluster, recovery.source);
  if (external === undefined) throw new Error(`spec.externalClusters has no entry named "${recovery.source}"`);
  if (external.barmanObjectStore === undefined) {
    throw new Error(
      `spec.externalClusters "${recovery.source}" has no barmanObjectStore: a recovery needs the object store of its source` +
        (external.plugin === undefined ? '' : '; restoring through a plugin is not supported'),
    );
  }
  const store = await storeConfig(external.barmanObjectStore, external.name, job.secrets);
  return { store, backupId: undefined, external: external.name };
}

const incompletePauseMs = 60_000;

/** The store as the Backup remembers it; a backup that is still running is waited for. */
async function fromBackupObject(job: Job, name: string): Promise<RecoverySource> {
  for (;;) {
    job.signal.throwIfAborted();
    const backup = await job.client.get(backups, { namespace: job.options.namespace, name }, { signal: job.signal });
    const { status } = backup;
    if (status?.phase === 'completed') {
      const { endpointCA = status.endpointCA } = job.cluster.spec.bootstrap?.recovery?.backup ?? {};
      const { endpointCA: _, ...place } = status;
      const store = await storeConfig(
        { ...place, ...(endpointCA === undefined ? {} : { endpointCA }) },
        backup.spec.cluster.name,
        job.secrets,
      );
      return { store, backupId: status.backupId, external: undefined };
    }
    if (status?.phase === 'failed') throw new Error(`Backup ${name} has failed; name another one in recovery.backup`);
    job.logger.warn({ backup: name, phase: status?.phase }, 'The Backup is not complete yet');
    await sleep(incompletePauseMs, job.signal);
  }
}
