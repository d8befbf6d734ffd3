import { readFile } from 'node:fs/promises';
import type { ConnectionParameters } from '@matriarch/postgres';
import pg from 'pg';

/** What a former primary must know of the new one before it can follow. */
export interface NewPrimary {
  readonly timeline: number;
  /** The timeline of its last checkpoint, which lags behind for a moment after a promotion. */
  readonly checkpointTimeline: number;
  readonly systemIdentifier: string;
  /** Text of the history file of its timeline; empty on the first one. */
  readonly history: string;
  /** Bytes of all databases, for the space that a copy takes. */
  readonly size: number;
}

/** Opens a connection as streaming_replica, with its certificate. */
export async function connectTo(conninfo: ConnectionParameters, timeoutMs: number): Promise<pg.Client> {
  const read = async (path: string | undefined) => (path === undefined ? undefined : readFile(path, 'utf8'));
  const [ca, cert, key] = await Promise.all([conninfo.sslrootcert, conninfo.sslcert, conninfo.sslkey].map(read));
  const client = new pg.Client({
    host: conninfo.hostaddr ?? conninfo.host ?? 'localhost',
    port: Number(conninfo.port ?? 5432),
    user: conninfo.user ?? 'streaming_replica',
    database: conninfo.dbname ?? 'postgres',
    application_name: conninfo.application_name ?? 'cnpg-instance-manager',
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    // verify-ca: the chain counts, not the name.
    ssl: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      checkServerIdentity: () => undefined,
    },
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

interface SourceRow {
  readonly recovery: boolean;
  readonly timeline: number;
  readonly checkpoint: number;
  readonly system: string;
  readonly size: string;
}

const sourceSql = `
SELECT pg_is_in_recovery() AS recovery,
  CASE WHEN pg_is_in_recovery() THEN 0
    ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END AS timeline,
  (SELECT timeline_id FROM pg_control_checkpoint()) AS checkpoint,
  (SELECT system_identifier::text FROM pg_control_system()) AS system,
  (SELECT coalesce(sum(pg_database_size(oid)), 0)::text FROM pg_database WHERE has_database_privilege(oid, 'CONNECT')) AS size`;

/** Asks the server behind the write service; rejects unless it is a primary. */
export async function askNewPrimary(conninfo: ConnectionParameters): Promise<NewPrimary> {
  const client = await connectTo(conninfo, 5000);
  try {
    const row = (await client.query<SourceRow>(sourceSql)).rows[0];
    if (row === undefined || row.recovery) throw new Error('the server behind the write service is not a primary yet');
    const file = `pg_wal/${row.timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;
    let history = '';
    if (row.timeline > 1) {
      const result = await client.query<{ content: Buffer }>('SELECT pg_read_binary_file($1) AS content', [file]);
      history = result.rows[0]?.content.toString('utf8') ?? '';
    }
    return {
      timeline: row.timeline,
      checkpointTimeline: row.checkpoint,
      systemIdentifier: row.system,
      history,
      size: Number(row.size),
    };
  } finally {
    await client.end().catch(() => undefined);
  }
}
