/**
 * Ends PostgreSQL of an instance that must not go on as it is.
 *
 * A server that is asked to shut down fast has `switchoverDelay` for it, an hour by default, since its last WAL may be
 * worth waiting for. One that does nothing in this time, frozen or on a disk that hangs, would only keep the cluster
 * without a primary: it is killed.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '@matriarch/api';
import type { Instance } from '../instance.ts';
import { killing } from '../postmaster/shutdown.ts';
import { clusterStopPlan } from '../reconcile/timings.ts';
import type { StopCause } from './decide.ts';

const lookMs = 500;
/** A debugger or a snapshot may stop a process for a moment. */
const frozenLooks = 6;

export async function stopServer(instance: Instance, cluster: Cluster, cause: StopCause): Promise<void> {
  const { lifecycle, state, logger } = instance;
  logger.info({ cause, target: cluster.status?.targetPrimary }, 'This instance must not go on as it is');
  if (cause === 'isolated') state.update({ isolated: true });
  if (state.current.unresponsive !== undefined) return lifecycle.stop('unresponsive', killing);
  const ended = new AbortController();
  const watching = killIfFrozen(instance, ended.signal);
  try {
    await lifecycle.stop(cause, clusterStopPlan(cluster, cause));
  } finally {
    ended.abort();
    await watching;
  }
}

async function killIfFrozen({ lifecycle, state, logger }: Instance, ended: AbortSignal): Promise<void> {
  let looks = 0;
  while (!ended.aborted) {
    await sleep(lookMs, undefined, { signal: ended }).catch(() => undefined);
    if (ended.aborted) return;
    const { pid } = lifecycle;
    looks = pid !== undefined && (await isFrozen(pid)) ? looks + 1 : 0;
    const reason = looks >= frozenLooks ? 'its process is stopped' : state.current.unresponsive;
    if (reason === undefined) continue;
    logger.error({ reason }, 'PostgreSQL does not shut down, and is killed');
    await lifecycle.stop('unresponsive', killing);
    return;
  }
}

/** Stopped by a signal (SIGSTOP): it takes no request. */
async function isFrozen(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.charAt(stat.lastIndexOf(')') + 2) === 'T';
}
