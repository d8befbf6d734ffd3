import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '@matriarch/api';
import { conninfoToPrimary } from '../configuration/files.ts';
import type { Instance } from '../instance.ts';
import { connectTo } from '../rejoin/source.ts';

const tries = 60;
const pauseMs = 10_000;
const firstPausesMs = [200, 500, 1000, 2000];

interface ArchiverRow {
  readonly [column: string]: unknown;
  readonly recovery: boolean;
  readonly tried: boolean;
  readonly works: boolean;
}

const archiverSql = `
SELECT pg_is_in_recovery() AS recovery,
  last_archived_time IS NOT NULL OR last_failed_time IS NOT NULL AS tried,
  last_archived_time IS NOT NULL AND (last_failed_time IS NULL OR last_archived_time > last_failed_time) AS works
FROM pg_stat_archiver`;

/**
 * A base backup is worth nothing without its WAL, so it begins only when the primary archives. A primary that never
 * had to is made to, once.
 */
export async function archivingWorks(instance: Instance, cluster: Cluster, signal: AbortSignal): Promise<void> {
  let switched = false;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const row = await askPrimary(instance, cluster);
    if (row?.works === true) return;
    if (row?.tried === false && !row.recovery && !switched) {
      switched = true;
      await instance.database.withConnection('postgres', async (connection) => {
        await connection.query('CHECKPOINT');
        await connection.query("SELECT pg_logical_emit_message(false, 'matriarch', 'first WAL')");
        await connection.query('SELECT pg_switch_wal()');
      });
    }
    await sleep(firstPausesMs[attempt] ?? pauseMs, undefined, { signal });
  }
  throw new Error('WAL archiving does not work: see the condition ContinuousArchiving of the Cluster');
}

/** On a standby the archiver to look at is the primary's. */
async function askPrimary(instance: Instance, cluster: Cluster): Promise<ArchiverRow | undefined> {
  const [own] = await instance.database.query<ArchiverRow>(archiverSql);
  if (own?.recovery !== true) return own;
  const client = await connectTo(await conninfoToPrimary(instance, cluster), 5000);
  try {
    return (await client.query<ArchiverRow>(archiverSql)).rows[0];
  } finally {
    await client.end().catch(() => undefined);
  }
}
