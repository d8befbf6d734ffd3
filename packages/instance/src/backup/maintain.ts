import { type BarmanObjectStore, type Cluster, clusterEvents } from '@matriarch/api';
import type { Archiving } from '../archive/archiving.ts';
import { storeConfig } from '../archive/storeConfig.ts';
import { patchStatus } from '../clusterStatus.ts';
import type { Instance } from '../instance.ts';
import { backups } from '../kinds.ts';
import type { MaintenanceResult } from '../worker/maintenance.ts';
import { earliest, latest } from './times.ts';

const method = 'barmanObjectStore';

/** After a backup: the retention policy, Backup objects whose data is gone, and what the Cluster says of its backups. */
export async function maintain(
  instance: Instance,
  archiving: Archiving,
  cluster: Cluster,
  place: BarmanObjectStore,
): Promise<void> {
  const store = await storeConfig(place, cluster.metadata.name ?? '', instance.secrets);
  const retentionPolicy = cluster.spec.backup?.retentionPolicy;
  const result = (await archiving.worker.perform((id) => ({
    kind: 'maintain',
    task: { id, store, retentionPolicy },
  }))) as MaintenanceResult;
  if (result.retentionError !== undefined) {
    instance.events.event(cluster, 'Warning', clusterEvents.retentionPolicyFailed, result.retentionError);
  } else if (retentionPolicy) {
    await deleteStaleBackups(instance, store.serverName, result.backupIds);
  }
  await publishTimes(instance, result);
}

async function publishTimes(instance: Instance, { first, last }: MaintenanceResult): Promise<void> {
  const status = instance.cluster.current()?.status;
  const firsts = { ...status?.firstRecoverabilityPointByMethod, ...(first === undefined ? {} : { [method]: first }) };
  const lasts = { ...status?.lastSuccessfulBackupByMethod, ...(last === undefined ? {} : { [method]: last }) };
  await patchStatus(instance, {
    firstRecoverabilityPointByMethod: firsts,
    lastSuccessfulBackupByMethod: lasts,
    firstRecoverabilityPoint: earliest(Object.values(firsts)),
    lastSuccessfulBackup: latest(Object.values(lasts)),
  });
}

/** Completed Backups of this place whose data the policy has removed. */
async function deleteStaleBackups(instance: Instance, server: string, present: readonly string[]): Promise<void> {
  const { namespace, clusterName } = instance.options;
  const { items } = await instance.client.list(backups, { namespace, signal: AbortSignal.timeout(10_000) });
  for (const backup of items) {
    const { phase, backupId, serverName } = backup.status ?? {};
    const ours = backup.spec.cluster.name === clusterName && (backup.spec.method ?? method) === method;
    if (!ours || phase !== 'completed' || serverName !== server || !backupId || present.includes(backupId)) continue;
    await instance.client.delete(backups, { namespace, name: backup.metadata.name ?? '' });
  }
}
