import { type Cluster, type FailoverQuorumStatus, isQuorumPublished } from '@matriarch/api';
import { isNotFound } from '@matriarch/kubernetes';
import type { SynchronousStandbys } from '../configuration/synchronous.ts';
import type { Instance } from '../instance.ts';
import { failoverQuorums } from '../kinds.ts';
import type { Memory } from '../reconcile/memory.ts';

/** Says that nothing is known of the synchronous standbys: no failover may be decided by them. */
export async function resetQuorum(instance: Instance, memory: Memory, cluster: Cluster): Promise<void> {
  if (!isQuorumPublished(cluster) || cluster.status?.currentPrimary !== instance.options.podName) return;
  await write(instance, memory, { method: '', primary: '', standbyNames: [], standbyNumber: 0 });
}

/** Publishes the synchronous standbys that the running primary really has. */
export async function publishQuorum(instance: Instance, memory: Memory, cluster: Cluster): Promise<void> {
  if (!isQuorumPublished(cluster)) return;
  const [row] = await instance.database.query<{ metadata: string | null }>(
    "SELECT current_setting('cnpg.synchronous_standby_names_metadata', true) AS metadata",
  );
  if (!row?.metadata) {
    await write(instance, memory, { method: '', primary: '', standbyNames: [], standbyNumber: 0 });
    return;
  }
  const standbys = JSON.parse(row.metadata) as SynchronousStandbys;
  await write(instance, memory, {
    method: standbys.method,
    primary: instance.options.podName,
    standbyNames: [...standbys.standbyNames],
    standbyNumber: standbys.number,
  });
}

async function write(instance: Instance, memory: Memory, status: FailoverQuorumStatus): Promise<void> {
  const text = JSON.stringify(status);
  if (text === memory.quorum) return;
  const { namespace, clusterName } = instance.options;
  try {
    await instance.client.patch(
      failoverQuorums,
      { namespace, name: clusterName },
      { type: 'merge', body: { status } },
      { subresource: 'status', signal: AbortSignal.timeout(10_000) },
    );
    memory.quorum = text;
  } catch (error) {
    // The operator makes the object; a later pass finds it.
    if (!isNotFound(error)) throw error;
  }
}
