/**
 * Whether this standby reaches its primary, for the operator, which believes no single view.
 *
 * It asks the manager of the primary every second, and at once when the WAL receiver ends. Unreachable means two
 * questions without an answer in a row, and no WAL receiver to which the primary spoke lately: a manager that is being
 * replaced is no reason for a failover. From the first miss on the Lease is looked at: if the primary is gone for good,
 * the time that its Lease must stand still counts from the first look.
 */
import { isReplicaCluster } from '@matriarch/api';
import type { Instance } from '../instance.ts';
import { leaseTimings } from '../reconcile/timings.ts';

const calmMs = 1000;
const doubtMs = 250;

export interface PrimaryContact {
  /** PostgreSQL said something of its WAL receiver: look now. */
  doubt(): void;
  run(signal: AbortSignal): Promise<void>;
}

export function createPrimaryContact(instance: Instance): PrimaryContact {
  let misses = 0;
  let woken = Promise.withResolvers<void>();

  const look = async (): Promise<number> => {
    const peer = primaryOf(instance);
    if (peer === undefined) return settle(0, calmMs);
    try {
      await instance.peers.ping(peer);
      return settle(0, calmMs);
    } catch (error) {
      const cluster = instance.cluster.current();
      if (cluster !== undefined && !instance.lease.held) void instance.lease.look(leaseTimings(cluster));
      const silent = await isSilent(instance);
      return settle(misses + (silent && isRefusal(error) ? 2 : 1), doubtMs, silent);
    }
  };

  const settle = (count: number, pauseMs: number, silent = false): number => {
    misses = count;
    instance.state.update({ primaryUnreachable: misses >= 2 && silent });
    return pauseMs;
  };

  return {
    doubt: () => woken.resolve(),
    async run(signal) {
      const ends = instance.cluster.onChange(() => woken.resolve());
      while (!signal.aborted) {
        woken = Promise.withResolvers();
        await pauseUnless(await look(), woken.promise, signal);
      }
      ends();
    },
  };
}

/** The primary that this instance follows; undefined when there is none, or it is this one. */
function primaryOf({ cluster, options, peers }: Instance) {
  const current = cluster.current();
  const primary = current?.status?.currentPrimary ?? '';
  if (current === undefined || primary === '' || primary === options.podName || isReplicaCluster(current))
    return undefined;
  return peers.others(current, options.podName).find(({ name }) => name === primary);
}

/**
 * No receiver, or one that has heard nothing for longer than the half of wal_receiver_timeout (5 s unless the user says
 * otherwise), after which it asks for an answer.
 */
const silentSql = `
SELECT count(*) FILTER (WHERE last_msg_receipt_time > clock_timestamp() - interval '3 seconds') = 0 AS silent
FROM pg_stat_wal_receiver`;

async function isSilent({ database }: Instance): Promise<boolean> {
  const rows = await database.query<{ silent: boolean }>(silentSql).catch(() => []);
  return rows[0]?.silent ?? true;
}

/** Nobody listens there: the manager has ended, and with it its container. */
function isRefusal(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}

async function pauseUnless(milliseconds: number, woken: Promise<void>, signal: AbortSignal): Promise<void> {
  const timer = Promise.withResolvers<void>();
  const handle = setTimeout(timer.resolve, milliseconds);
  const aborted = () => timer.resolve();
  signal.addEventListener('abort', aborted, { once: true });
  await Promise.race([timer.promise, woken]);
  clearTimeout(handle);
  signal.removeEventListener('abort', aborted);
}
