import { type Cluster, type FailoverQuorumStatus, isQuorumPublished } from '@matriarch/api';
import { isNotFound } from '@matriarch/kubernetes';
import { parseLsn } from '@matriarch/postgres';
import { type SynchronousStandbys, synchronousStandbys } from '../configuration/synchronous.ts';
import { synchronousInput } from '../configuration/synchronousInput.ts';
import type { Instance } from '../instance.ts';
import { failoverQuorums } from '../kinds.ts';
import type { Memory } from '../reconcile/memory.ts';
import { decideQuorum, saysTheSame, withdrawnQuorum } from './quorumDecide.ts';

/**
 * Before the server runs with another set of synchronous standbys, by a reload or a start: no failover may be decided by
 * the present one. Throws where that cannot be written, and then the server must not go on to the new set.
 */
export async function resetQuorum(instance: Instance, memory: Memory, cluster: Cluster): Promise<void> {
  const { podName } = instance.options;
  const { currentPrimary, targetPrimary } = cluster.status ?? {};
  if (!isQuorumPublished(cluster) || (currentPrimary !== podName && targetPrimary !== podName)) return;
  memory.quorum.published ??= await readQuorum(instance);
  if (saysTheSame(memory.quorum.published, synchronousStandbys(synchronousInput(cluster)), podName)) return;
  await write(instance, memory, withdrawnQuorum);
  memory.quorum.barrier = 'none';
}

/** What an earlier manager, or an earlier primary, has published. */
async function readQuorum({ client, options }: Instance): Promise<FailoverQuorumStatus | undefined> {
  const key = { namespace: options.namespace, name: options.clusterName };
  try {
    return (await client.get(failoverQuorums, key, { signal: AbortSignal.timeout(10_000) })).status;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

interface QuorumRow {
  readonly [column: string]: unknown;
  readonly metadata: string | null;
  readonly position: string;
  readonly standbys: { name: string; flushLsn: string | null }[] | null;
}

const quorumSql = `
SELECT current_setting('cnpg.synchronous_standby_names_metadata', true) AS metadata,
  pg_current_wal_flush_lsn()::text AS position,
  (SELECT json_agg(json_build_object('name', application_name, 'flushLsn', flush_lsn::text)) FROM pg_stat_replication) AS standbys`;

/** Publishes the synchronous standbys that the running primary really has; false = not yet, look again. */
export async function publishQuorum(instance: Instance, memory: Memory, cluster: Cluster): Promise<boolean> {
  if (!isQuorumPublished(cluster)) {
    memory.quorum = { published: undefined, barrier: 'none' };
    return true;
  }
  const [row] = await instance.database.query<QuorumRow>(quorumSql);
  if (row === undefined) return false;
  const step = decideQuorum({
    podName: instance.options.podName,
    running: row.metadata ? (JSON.parse(row.metadata) as SynchronousStandbys) : undefined,
    published: memory.quorum.published,
    barrier: memory.quorum.barrier,
    position: parseLsn(row.position),
    standbys: row.standbys ?? [],
  });
  if (step.kind === 'wait') {
    memory.quorum.barrier = step.barrier;
    return false;
  }
  memory.quorum.barrier = 'none';
  return write(instance, memory, step.status);
}

/** False = the object is not there yet; the operator makes it. */
async function write(instance: Instance, memory: Memory, status: FailoverQuorumStatus): Promise<boolean> {
  if (JSON.stringify(status) === JSON.stringify(memory.quorum.published)) return true;
  const { namespace, clusterName } = instance.options;
  try {
    await instance.client.patch(
      failoverQuorums,
      { namespace, name: clusterName },
      { type: 'merge', body: { status } },
      { subresource: 'status', signal: AbortSignal.timeout(10_000) },
    );
    memory.quorum.published = status;
    return true;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return false;
  }
}
