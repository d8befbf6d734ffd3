import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../database.ts';
import { readIfExists, writeFileAtomic } from '../files/atomic.ts';

const pollMs = 5;
/** Clients wait for the next primary meanwhile; a commit that takes longer is ended with its session. */
const usualPatienceMs = 300;

/** Our own session does not obey the setting; that it has read the files says that others have too. */
const loadedSql = `SELECT pg_conf_load_time()::text AS loaded,
  (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend' AND backend_xid IS NOT NULL) AS writing`;

/**
 * Refuses new transactions that write, and lets those under way end: no client is cut off between its COMMIT and the
 * answer, as one would be that waits for a synchronous standby. The refusal tells a client that nothing was done.
 *
 * The setting is a line at the end of custom.conf, which is written anew before every start; so nothing has to be
 * taken back, whatever happens after this.
 */
export async function refuseWrites(database: Database, pgData: string, patienceMs = usualPatienceMs): Promise<void> {
  const path = join(pgData, 'custom.conf');
  const look = async () => (await database.query<{ loaded: string; writing: number }>(loadedSql))[0];
  const before = await look();
  await writeFileAtomic(path, `${(await readIfExists(path)) ?? ''}\ndefault_transaction_read_only = 'on'\n`);
  await database.query('SELECT pg_reload_conf()');
  const end = performance.now() + patienceMs;
  while (performance.now() < end) {
    const now = await look();
    if (now !== undefined && now.loaded !== before?.loaded && now.writing === 0) return;
    await sleep(pollMs);
  }
}
