import type { BackupInfo, Tablespace } from '../catalogue/backup-info.ts';
import { segmentOf, segmentOffset } from '../wal/names.ts';

/** Runs SQL in one superuser session that lives from the start of a backup to its end. */
export type Query = (sql: string) => Promise<Record<string, unknown>[]>;

/** Facts of the server that go into backup.info before the backup starts. */
export interface ServerFacts
  extends Pick<
    BackupInfo,
    | 'systemId'
    | 'version'
    | 'pgdata'
    | 'configFile'
    | 'hbaFile'
    | 'identFile'
    | 'includedFiles'
    | 'tablespaces'
    | 'dataChecksums'
    | 'summarizeWal'
    | 'clusterSize'
  > {
  version: number;
  pgdata: string;
  segmentSize: number;
  inRecovery: boolean;
}

const factsSql = `
SELECT current_setting('server_version_num')::int AS version,
       pg_is_in_recovery() AS in_recovery,
       (SELECT system_identifier::text FROM pg_control_system()) AS system_id,
       current_setting('data_directory') AS pgdata,
       current_setting('config_file') AS config_file,
       current_setting('hba_file') AS hba_file,
       current_setting('ident_file') AS ident_file,
       current_setting('data_checksums') AS data_checksums,
       current_setting('summarize_wal', true) AS summarize_wal,
       pg_size_bytes(current_setting('wal_segment_size'))::text AS segment_size,
       (SELECT sum(pg_tablespace_size(oid))::text FROM pg_tablespace) AS cluster_size`;

const includedSql = `
SELECT DISTINCT sourcefile FROM pg_settings
WHERE sourcefile IS NOT NULL AND sourcefile <> current_setting('config_file') ORDER BY 1`;

const tablespacesSql = `
SELECT spcname AS name, oid::text AS oid, pg_tablespace_location(oid) AS location FROM pg_tablespace
WHERE pg_tablespace_location(oid) <> '' ORDER BY oid`;

const text = (value: unknown): string => String(value ?? '');
const textOrNone = (value: unknown): string | undefined =>
  value === null || value === undefined ? undefined : String(value);

async function one(query: Query, sql: string): Promise<Record<string, unknown>> {
  const [row] = await query(sql);
  if (row === undefined) throw new Error(`no row from: ${sql.trim().split('\n', 1)[0]}`);
  return row;
}

export async function readFacts(query: Query): Promise<ServerFacts> {
  const row = await one(query, factsSql);
  const included = await query(includedSql);
  const tablespaces = await query(tablespacesSql);
  return {
    version: Number(row.version),
    inRecovery: row.in_recovery === true,
    systemId: text(row.system_id),
    pgdata: text(row.pgdata),
    configFile: text(row.config_file),
    hbaFile: text(row.hba_file),
    identFile: text(row.ident_file),
    dataChecksums: text(row.data_checksums),
    summarizeWal: textOrNone(row.summarize_wal),
    segmentSize: Number(row.segment_size),
    clusterSize: Number(row.cluster_size),
    includedFiles: included.map(({ sourcefile }) => text(sourcefile)),
    tablespaces: tablespaces.map(
      ({ name, oid, location }): Tablespace => ({ name: text(name), oid: Number(oid), location: text(location) }),
    ),
  };
}

const quoted = (value: string) => `'${value.replaceAll("'", "''")}'`;

/** Enters backup mode; resolves when PostgreSQL has made the starting checkpoint. */
export async function startBackup(query: Query, facts: ServerFacts, label: string, fast: boolean) {
  if (facts.version >= 140_000) await query('SET idle_session_timeout TO 0');
  const call =
    facts.version >= 150_000
      ? `pg_backup_start(${quoted(label)}, ${fast})`
      : `pg_start_backup(${quoted(label)}, ${fast}, false)`;
  const row = await one(
    query,
    `SELECT ${call}::text AS lsn, extract(epoch FROM clock_timestamp()) * 1000 AS time,
       (SELECT timeline_id FROM pg_control_checkpoint()) AS timeline`,
  );
  const beginLsn = text(row.lsn);
  const timeline = Number(row.timeline);
  return {
    timeline,
    beginLsn,
    beginTime: new Date(Number(row.time)),
    beginWal: segmentOf(timeline, beginLsn, facts.segmentSize),
    beginOffset: segmentOffset(beginLsn, facts.segmentSize),
  };
}

/** Leaves backup mode; resolves when the last WAL segment is archived, where the server waits for it. */
export async function stopBackup(query: Query, facts: ServerFacts) {
  const call = facts.version >= 150_000 ? 'pg_backup_stop()' : 'pg_stop_backup(false)';
  const row = await one(
    query,
    `SELECT lsn::text AS lsn, labelfile, extract(epoch FROM clock_timestamp()) * 1000 AS time,
       CASE WHEN pg_is_in_recovery() THEN (SELECT min_recovery_end_timeline FROM pg_control_recovery())
            ELSE (SELECT timeline_id FROM pg_control_checkpoint()) END AS timeline
     FROM ${call}`,
  );
  const endLsn = text(row.lsn);
  return {
    endLsn,
    endTime: new Date(Number(row.time)),
    endWal: segmentOf(Number(row.timeline), endLsn, facts.segmentSize),
    endOffset: segmentOffset(endLsn, facts.segmentSize),
    backupLabel: text(row.labelfile),
  };
}

/** After a backup on a primary: the last segment goes to the archive, and the place has a name. */
export async function markEnd(query: Query, backupId: string): Promise<void> {
  await query('SELECT pg_switch_wal()');
  await query(`SELECT pg_create_restore_point(${quoted(`barman_${backupId}`)})`).catch(() => undefined);
}
