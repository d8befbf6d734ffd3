import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, clusterPhases } from '@matriarch/api';
import { setPhase } from '../clusterStatus.ts';
import type { Instance } from '../instance.ts';
import { resetQuorum } from '../primary/quorum.ts';
import { pendingRestartSql } from '../status/query.ts';
import type { Memory } from './memory.ts';
import { hasPendingDecrease, restartInPlace, restartsForDecrease } from './restart.ts';

const hashWaitMs = 5000;
const pollMs = 20;

/** Makes the server read changed files, and says so where a restart is needed for them. */
export async function reloadStep(
  instance: Instance,
  memory: Memory,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  if (!memory.reloadPending) return;
  // The operator must not count on synchronous standbys that are about to change.
  await resetQuorum(instance, memory, cluster);
  memory.reloadPending = false;
  instance.lifecycle.reload();
  if (!(await hashIsLoaded(instance, memory.configurationHash, signal))) {
    instance.logger.warn({ hash: memory.configurationHash }, 'PostgreSQL does not run with the new configuration yet');
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
  if (row?.pending !== true) return;
  const { podName } = instance.options;
  const decrease = await hasPendingDecrease(instance);
  if (restartsForDecrease(cluster, podName, decrease)) {
    await setPhase(instance, clusterPhases.applyingConfiguration, 'Decrease of hot standby sensitive parameters');
    await restartInPlace(instance, memory, cluster, signal);
    return;
  }
  // Standbys are restarted first; a primary with standbys stays silent until then.
  const isPrimary = cluster.status?.currentPrimary === podName;
  if (isPrimary && cluster.spec.instances > 1) return;
  await setPhase(instance, clusterPhases.applyingConfiguration, 'PostgreSQL configuration changed');
}
