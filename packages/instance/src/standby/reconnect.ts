import { setTimeout as sleep } from 'node:timers/promises';
import { isReplicaCluster } from '@matriarch/api';
import { conninfoToPrimary } from '../configuration/files.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import { hasDiverged } from './diverged.ts';
import { answersAsPostgres } from './probe.ts';

const pollMs = 100;
const calmMs = 1000;
const probeTimeoutMs = 1000;
/** After a nudge the connection has this long to come about before the next one. */
const patienceMs = 1500;

interface ReceiverRow {
  readonly [column: string]: unknown;
  readonly receivers: number;
  readonly startup: number | null;
}

const receiverSql = `
SELECT (SELECT count(*)::int FROM pg_stat_wal_receiver) AS receivers,
  (SELECT pid FROM pg_stat_activity WHERE backend_type = 'startup') AS startup`;

/**
 * Lets a standby connect to its primary the moment that one answers. PostgreSQL by itself tries every five seconds
 * (wal_retrieve_retry_interval) and logs each failure; so we look for the primary and, when it is there, wake the
 * startup process, which takes SIGHUP as a reason to look again.
 */
export async function keepStreaming(instance: Instance, signal: AbortSignal): Promise<void> {
  let changed = Promise.withResolvers<void>();
  const wake = () => changed.resolve();
  const ends = [instance.lifecycle.onEvent(wake), instance.cluster.onChange(wake)];
  while (!signal.aborted) {
    changed = Promise.withResolvers<void>();
    let pause = calmMs;
    try {
      pause = await look(instance);
    } catch (error) {
      instance.logger.debug({ error: errorText(error) }, 'Looking for the primary failed');
    }
    await pauseUnless(pause, changed.promise, signal);
  }
  for (const end of ends) end();
}

async function pauseUnless(milliseconds: number, changed: Promise<void>, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  const timer = sleep(milliseconds, undefined, { signal: AbortSignal.any([signal, done.signal]) }).catch(
    () => undefined,
  );
  await Promise.race([timer, changed]);
  done.abort();
}

/** One look; resolves to how long to wait before the next. */
async function look(instance: Instance): Promise<number> {
  const cluster = instance.cluster.current();
  if (cluster === undefined || instance.lifecycle.state !== 'running') return pollMs;
  const { podName } = instance.options;
  const { currentPrimary, targetPrimary } = cluster.status ?? {};
  if (isReplicaCluster(cluster) || targetPrimary === podName || currentPrimary === podName) return calmMs;
  if (targetPrimary !== currentPrimary) return pollMs;
  const [row] = await instance.database.query<ReceiverRow>(receiverSql);
  if (row === undefined || row.receivers > 0 || row.startup === null) return calmMs;
  const { hostaddr, host = '' } = await conninfoToPrimary(instance, cluster);
  if (!(await answersAsPostgres(hostaddr ?? host, 5432, probeTimeoutMs))) return pollMs;
  if (await hasDiverged(instance, cluster)) {
    instance.state.update({ diverged: true });
    instance.wake();
    return calmMs;
  }
  process.kill(row.startup, 'SIGHUP');
  return patienceMs;
}
