import { setTimeout as sleep } from 'node:timers/promises';
import { type Archive, findWal } from '@matriarch/objectstore';
import { connectToServer, parseConninfo, query } from '@matriarch/postgres';

const longestMs = 30 * 60_000;
const firstPauseMs = 200;
const longestPauseMs = 10_000;
const switchTimeoutMs = 10_000;

/** One session on the standby. */
type LocalQuery = (sql: string) => Promise<Record<string, unknown>[]>;

/**
 * Waits until the primary has archived the last segment of a backup taken from a standby. On a quiet primary that would be
 * when archive_timeout ends the segment, so the primary is asked to end it now; one that refuses is waited for.
 */
export async function waitForArchived(
  archive: Archive,
  endWal: string,
  local: LocalQuery,
  log: (fields: object, message: string) => void,
): Promise<void> {
  const end = performance.now() + longestMs;
  await endSegment(endWal, local).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    log({ segment: endWal, error: reason }, 'The primary was not asked to end the segment; archive_timeout will');
  });
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    if ((await findWal(archive, endWal)) !== undefined) return;
    if (performance.now() > end) {
      throw new Error(`WAL segment ${endWal}, which the backup needs, was not archived within 30 minutes`);
    }
    await sleep(pause);
  }
}

/** Switches WAL on the primary, through the connection that the standby itself streams with, while it writes the segment. */
async function endSegment(endWal: string, local: LocalQuery): Promise<void> {
  const [row] = await local("SELECT current_setting('primary_conninfo') AS conninfo");
  const parameters = { ...parseConninfo(String(row?.conninfo ?? '')), dbname: 'postgres' };
  const signal = AbortSignal.timeout(switchTimeoutMs);
  const primary = await connectToServer({ ...parameters, application_name: 'cnpg-backup' }, 'database', signal);
  try {
    const literal = `'${endWal.replaceAll("'", "''")}'`;
    await query(primary, `SELECT pg_switch_wal() WHERE pg_walfile_name(pg_current_wal_insert_lsn()) = ${literal}`);
  } finally {
    primary.close();
  }
}
