import { type Cluster, clusterPhases, primaryUpdateStrategy } from '@matriarch/api';
import { type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { currentAuthority, putUnderWatch } from '../authority/guard.ts';
import { isFenced } from '../cluster.ts';
import { setPhase } from '../clusterStatus.ts';
import type { Instance } from '../instance.ts';
import { looksPrimary } from '../rejoin/role.ts';
import { pendingDecreaseSql } from '../status/query.ts';
import type { Memory } from './memory.ts';
import { hold, valuesThatChange } from './refused.ts';
import { startServer } from './start.ts';
import { clusterStopPlan } from './timings.ts';

/** Restarts PostgreSQL of the primary where it is, when the operator asked for it. */
export async function restartStep(
  instance: Instance,
  memory: Memory,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const { podName } = instance.options;
  const { phase, currentPrimary, targetPrimary } = cluster.status ?? {};
  if (phase !== clusterPhases.inplacePrimaryRestart) return undefined;
  if (currentPrimary !== podName || targetPrimary !== podName) return undefined;
  await restartInPlace(instance, memory, cluster, signal);
  await setPhase(instance, clusterPhases.healthy, 'Primary instance restarted in-place');
  return requeue(0, 'PostgreSQL was restarted');
}

/**
 * Stops and starts PostgreSQL while everybody is told that it may be away. What it ran with until now is noted before the
 * stop; if it does not start with the new values, it is started with the old ones.
 */
export async function restartInPlace(
  instance: Instance,
  memory: Memory,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  const before = await valuesThatChange(instance);
  instance.state.update({ restarting: true });
  try {
    await instance.lifecycle.stop('restart', clusterStopPlan(cluster, 'restart'));
    if (!(await startsAgain(instance, memory, cluster, signal))) {
      hold(instance, memory, cluster, before);
      if (!(await startsAgain(instance, memory, cluster, signal))) {
        throw new Error('PostgreSQL does not start again; its log says why');
      }
    }
    memory.restartPending = false;
  } finally {
    instance.state.update({ restarting: false });
  }
}

/** False = PostgreSQL ended before it accepted connections. */
async function startsAgain(
  instance: Instance,
  memory: Memory,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(await mayStartAgain(instance))) throw new Error('this instance is not to be the primary any more');
  await startServer(instance, memory, cluster);
  if (instance.state.current.writing) putUnderWatch(instance);
  try {
    await instance.lifecycle.whenRunning(signal);
    return true;
  } catch (error) {
    if (signal.aborted) throw error;
    return false;
  }
}

/**
 * The stop waits for clients, for minutes perhaps: another instance may have become the target meanwhile, or the Lease be
 * lost. What becomes of this one is then for the next pass to decide.
 */
async function mayStartAgain(instance: Instance): Promise<boolean> {
  const { podName, layout } = instance.options;
  if (!(await looksPrimary(layout.pgData))) return true;
  const cluster = instance.cluster.current();
  if (cluster?.status?.targetPrimary !== podName || isFenced(cluster, podName)) return false;
  return currentAuthority(instance, performance.now()).kind !== 'none';
}

/** Whether a setting that standbys depend on waits for a restart with a smaller value. */
export async function hasPendingDecrease(instance: Instance): Promise<boolean> {
  const rows = await instance.database.query<{ name: string; current: number; pending: number }>(pendingDecreaseSql);
  const last = new Map(rows.map((row) => [row.name, row]));
  return [...last.values()].some((row) => row.pending < row.current);
}

/** A smaller value goes to the primary first; without supervision it restarts by itself. */
export function restartsForDecrease(cluster: Cluster, podName: string): boolean {
  if (primaryUpdateStrategy(cluster) !== 'unsupervised') return false;
  return cluster.status?.currentPrimary === podName && cluster.status.targetPrimary === podName;
}
