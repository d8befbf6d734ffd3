import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, promotionTimeout } from '@matriarch/api';
import { type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { promote } from '@matriarch/postgres';
import { microTimestamp, patchStatus } from '../clusterStatus.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import { leaseTimings } from '../reconcile/timings.ts';

const sliceMs = 1000;
const pollMs = 20;

const stillTarget = (instance: Instance) =>
  instance.cluster.current()?.status?.targetPrimary === instance.options.podName;

/**
 * Makes this standby the primary: lease, then the end of the old primary's stream, then the promotion itself. Each
 * wait is a short slice, so that a target that moves on is noticed.
 */
export async function promoteInstance(
  instance: Instance,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const { lifecycle, logger } = instance;
  if (!(await instance.lease.acquire(leaseTimings(cluster), sliceMs, signal))) {
    return requeue(0, 'the primary lease is held by another instance');
  }
  if (!stillTarget(instance)) return requeue(0, 'the target primary has changed');
  if (!(await receiverIsDown(instance, signal))) {
    return requeue(0, 'the old primary still streams to this instance');
  }
  const pid = lifecycle.pid;
  if (pid === undefined || lifecycle.state !== 'running') return requeue(100, 'PostgreSQL is not running');
  logger.info({ timeline: cluster.status?.timelineID }, 'Promoting this instance');
  const started = performance.now();
  await promote(instance.options.layout.pgData, pid, promotionTimeout(cluster) * 1000, signal);
  await writable(instance, signal);
  logger.info({ milliseconds: Math.round(performance.now() - started) }, 'This instance is the primary now');
  await becomeCurrent(instance);
  afterPromotion(instance);
  return undefined;
}

/** Tells everybody that this instance is the primary. */
export async function becomeCurrent(instance: Instance): Promise<void> {
  await patchStatus(instance, {
    currentPrimary: instance.options.podName,
    currentPrimaryTimestamp: microTimestamp(new Date()),
  });
}

/** The old primary sends its last WAL while it stops; only when its stream has ended nothing more will come. */
async function receiverIsDown(instance: Instance, signal: AbortSignal): Promise<boolean> {
  const end = performance.now() + sliceMs;
  do {
    const [row] = await instance.database.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM pg_stat_wal_receiver',
    );
    if (row?.count === 0) return true;
    if (!stillTarget(instance)) return false;
    await sleep(pollMs, undefined, { signal });
  } while (performance.now() < end);
  return false;
}

/** standby.signal goes a moment before writes are accepted. */
async function writable(instance: Instance, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += pollMs) {
    const [row] = await instance.database.query<{ recovery: boolean }>('SELECT pg_is_in_recovery() AS recovery');
    if (row?.recovery === false) return;
    await sleep(pollMs, undefined, { signal });
  }
  throw new Error('PostgreSQL is still in recovery a minute after its promotion');
}

/**
 * The checkpoint writes the new timeline into pg_control, which others ask for; it may take long and nobody waits for
 * it. Clients that knew a read-only server connect anew.
 */
function afterPromotion(instance: Instance): void {
  const work = instance.database.withConnection('postgres', async (connection) => {
    await connection.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND application_name <> 'cnpg-instance-manager' AND pid <> pg_backend_pid()`);
    await connection.query('CHECKPOINT');
  });
  work.catch((error: unknown) =>
    instance.logger.warn({ error: errorText(error) }, 'The checkpoint after the promotion failed'),
  );
}
