import type { Database } from '../database.ts';
import { errorText } from '../logger.ts';
import { failed, type ProbeResult, type ProbeStrategy, passed } from './types.ts';

export interface StrategyInput {
  readonly strategy: ProbeStrategy;
  /** Bytes a replica may be behind; undefined = any. */
  readonly maximumLag: number | undefined;
  readonly database: Database;
  /** Whether the server accepts connections. */
  readonly accepting: () => Promise<boolean>;
}

interface StreamingRow {
  readonly [column: string]: unknown;
  readonly recovery: boolean;
  readonly conninfo: string;
  readonly receivers: number;
  readonly lag: string | null;
}

/** A primary passes, and a replica that follows no server; any other must be streaming and near enough. */
const streamingSql = `
SELECT pg_is_in_recovery() AS recovery, current_setting('primary_conninfo') AS conninfo,
  (SELECT count(*)::int FROM pg_stat_wal_receiver WHERE status = 'streaming') AS receivers,
  (SELECT pg_wal_lsn_diff(latest_end_lsn, pg_last_wal_replay_lsn())::text FROM pg_stat_wal_receiver) AS lag`;

export async function checkStrategy(input: StrategyInput): Promise<ProbeResult> {
  try {
    switch (input.strategy) {
      case 'pg_isready':
        return (await input.accepting()) ? passed : failed('PostgreSQL does not accept connections');
      case 'query':
        await input.database.query('SELECT 1');
        return passed;
      case 'streaming':
        return checkStreaming(await input.database.query<StreamingRow>(streamingSql), input.maximumLag);
    }
  } catch (error) {
    return failed(errorText(error));
  }
}

function checkStreaming(rows: readonly StreamingRow[], maximumLag: number | undefined): ProbeResult {
  const row = rows[0];
  if (row === undefined) return failed('the server gave no answer');
  if (!row.recovery || row.conninfo === '') return passed;
  if (row.receivers === 0) return failed('the replica is not streaming from its primary');
  const lag = Number(row.lag ?? 0);
  if (maximumLag !== undefined && lag > maximumLag) {
    return failed(`the replica is ${lag} bytes behind, more than maximumLag (${maximumLag})`);
  }
  return passed;
}
