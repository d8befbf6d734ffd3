import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, promotionTimeout } from '@matriarch/api';
import { promote } from '@matriarch/postgres';
import { microTimestamp, patchStatus } from '../clusterStatus.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';

const pollMs = 10;

/** Makes this standby the primary, and says so. It holds the Lease, and its receiver has ended. */
export async function promoteInstance(instance: Instance, cluster: Cluster, signal: AbortSignal): Promise<void> {
  const { lifecycle, logger, options } = instance;
  const pid = lifecycle.pid;
  if (pid === undefined) throw new Error('PostgreSQL ended before it could be promoted');
  logger.info({ timeline: cluster.status?.timelineID }, 'Promoting this instance');
  const started = performance.now();
  await promote(options.layout.pgData, pid, promotionTimeout(cluster) * 1000, signal);
  await writable(instance, signal);
  logger.info({ milliseconds: Math.round(performance.now() - started) }, 'This instance is the primary now');
  // Both at once: who comes because of the new status finds a server that nobody is sent away from any more.
  await Promise.all([sendReadersAway(instance), becomeCurrent(instance)]);
  checkpoint(instance);
}

/** Tells everybody that this instance is the primary. */
export async function becomeCurrent(instance: Instance): Promise<void> {
  await patchStatus(instance, {
    currentPrimary: instance.options.podName,
    currentPrimaryTimestamp: microTimestamp(new Date()),
  });
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

/** Clients that knew a read-only server connect anew. */
async function sendReadersAway({ database, logger }: Instance): Promise<void> {
  try {
    await database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND application_name <> 'cnpg-instance-manager' AND pid <> pg_backend_pid()`);
  } catch (error) {
    logger.warn({ error: errorText(error) }, 'The sessions from before the promotion could not be ended');
  }
}

/** It writes the new timeline into pg_control, which others ask for; it may take long and nobody waits for it. */
function checkpoint({ database, logger }: Instance): void {
  const work = database.withConnection('postgres', (connection) => connection.query('CHECKPOINT'));
  work.catch((error: unknown) => logger.warn({ error: errorText(error) }, 'The checkpoint after the promotion failed'));
}
