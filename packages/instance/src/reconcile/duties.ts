import { type Cluster, isReplicaCluster } from '@matriarch/api';
import { done, type ReconcileResult, requeue } from '@matriarch/kubernetes';
import type { Instance } from '../instance.ts';
import { publishQuorum } from '../primary/quorum.ts';
import { ensureBuiltinRoles } from '../roles/builtin.ts';
import { applyPasswords } from '../roles/passwords.ts';
import { ensurePrimarySlots } from '../slots/primary.ts';
import type { Memory } from './memory.ts';

const secretRetryMs = 5000;
const slotRetryMs = 1000;

/** What a running primary keeps in order. Slots come first: standbys wait for theirs. */
export async function primaryDuties(instance: Instance, memory: Memory, cluster: Cluster): Promise<ReconcileResult> {
  if (!memory.rolesReady) {
    await ensureBuiltinRoles(instance.database);
    memory.rolesReady = true;
  }
  await publishQuorum(instance, memory, cluster);
  const slotsSettled = await ensurePrimarySlots(instance, cluster);
  if (!(await applyPasswords(instance, cluster, memory.appliedSecrets))) {
    return requeue(secretRetryMs, 'a Secret with a password cannot be read');
  }
  return slotsSettled ? done : requeue(slotRetryMs, 'a replication slot to drop is still in use');
}

/** What a standby keeps in order beside following. */
export async function standbyDuties(instance: Instance, cluster: Cluster): Promise<ReconcileResult> {
  if (isReplicaCluster(cluster)) return done;
  instance.logger.debug({ primary: cluster.status?.currentPrimary }, 'Following');
  return done;
}
