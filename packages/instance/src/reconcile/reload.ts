import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, clusterPhases } from '@matriarch/api';
import { setPhase } from '../clusterStatus.ts';
import type { Instance } from '../instance.ts';
import { resetQuorum } from '../primary/quorum.ts';
import { pendingRestartSql } from '../status/query.ts';
import type { Memory } from './memory.ts';
import { hold, refusedValues } from './refused.ts';
import { hasPendingDecrease, restartInPlace, restartsForDecrease } from './restart.ts';

const hashWaitMs = 5000;
const pollMs = 20;

/**
 * Makes the server read changed files, and says so where a restart is needed for them. Smaller settings of the primary
 * are looked at again in later passes: it may not have been the primary, or been supervised, when they came.
 */
export async function reloadStep(
  instance: Instance,
  memory: Memory,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  if (!memory.reloadPending) {
    if (memory.restartPending) await restartForDecrease(instance, memory, cluster, signal);
    return;
  }
  // The operator must not count on synchronous standbys that are about to change.
  await resetQuorum(instance, memory, cluster);
  memory.reloadPending = false;
  instance.lifecycle.reload();
  if (!(await hashIsLoaded(instance, memory.configurationHash, signal))) {
    instance.logger.warn({ hash: memory.configurationHash }, 'PostgreSQL does not run with the new configuration yet');
  }
  const refused = await refusedValues(instance);
  if (Object.keys(refused).length > 0) {
    hold(instance, memory, cluster, refused);
    // The next pass writes the files anew and loads them.
    instance.wake();
    return;
  }
  await announceRestart(instance, memory, cluster, signal);
}

async function hashIsLoaded(instance: Instance, hash: string, signal: AbortSignal): Promise<boolean> {
  const end = performance.now() + hashWaitMs;
  while (performance.now() < end) {
    const [row] = await instance.database.query<{ hash: string | null }>(
      "SELECT current_setting('cnpg.config_sha256', true) AS hash",
    );
    if (row?.hash === hash) return true;
    await sleep(pollMs, undefined, { signal });
  }
  return false;
}

async function announceRestart(
  instance: Instance,
  memory: Memory,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  const [row] = await instance.database.query<{ pending: boolean }>(`SELECT EXISTS (${pendingRestartSql}) AS pending`);
  memory.restartPending = row?.pending === true;
  if (!memory.restartPending) return;
  if (await restartForDecrease(instance, memory, cluster, signal)) return;
  // Standbys are restarted first; a primary with standbys stays silent until then.
  const isPrimary = cluster.status?.currentPrimary === instance.options.podName;
  if (isPrimary && cluster.spec.instances > 1) return;
  await setPhase(instance, clusterPhases.applyingConfiguration, 'PostgreSQL configuration changed');
}

/** True = PostgreSQL was restarted. */
async function restartForDecrease(
  instance: Instance,
  memory: Memory,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<boolean> {
  if (!restartsForDecrease(cluster, instance.options.podName) || !(await hasPendingDecrease(instance))) return false;
  await setPhase(instance, clusterPhases.applyingConfiguration, 'Decrease of hot standby sensitive parameters');
  await restartInPlace(instance, memory, cluster, signal);
  return true;
}
