import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../database.ts';

const pieceBytes = 1024 * 1024;
/** What clients write until the shutdown should still fit in. */
const spareBytes = 256 * 1024;
const pollMs = 10;
/** A busy primary fills its segments by itself, and is not waited for. */
const rounds = 64;
const patienceMs = 3000;

const leftSql = `
SELECT pg_size_bytes(current_setting('wal_segment_size'))
  - mod(pg_current_wal_insert_lsn() - '0/0'::pg_lsn, pg_size_bytes(current_setting('wal_segment_size')))::bigint AS bytes`;

const fillSql = `
SELECT pg_logical_emit_message(false, 'matriarch', repeat('.', $1::int)), pg_current_wal_insert_lsn()::text AS lsn`;

const behindSql = `
SELECT count(*)::int AS count FROM pg_stat_replication WHERE state = 'streaming' AND flush_lsn < $1::pg_lsn`;

/**
 * Fills the current WAL segment nearly to its end while clients are still served.
 *
 * A server that archives ends its last segment when it shuts down, and waits until every standby has all 16 MB of it,
 * whatever it holds. Nobody can write in this time, so most of these bytes are sent before. They are messages for
 * logical decoding that belong to no transaction, which nobody reads and replay skips.
 */
export async function fillSegment(database: Database): Promise<void> {
  let written: string | undefined;
  for (let round = 0; round < rounds; round += 1) {
    const [left] = await database.query<{ bytes: string }>(leftSql);
    const bytes = Number(left?.bytes) - spareBytes;
    if (!(bytes > 0)) break;
    const [row] = await database.query<{ lsn: string }>(fillSql, [Math.min(bytes, pieceBytes)]);
    written = row?.lsn;
  }
  if (written !== undefined) await received(database, written);
}

async function received(database: Database, lsn: string): Promise<void> {
  const end = performance.now() + patienceMs;
  while (performance.now() < end) {
    const [row] = await database.query<{ count: number }>(behindSql, [lsn]);
    if (row?.count === 0) return;
    await sleep(pollMs);
  }
}
