import { databaseUsers } from '@matriarch/api';
import { quoteIdentifier } from '@matriarch/postgres';
import type { Database } from '../database.ts';

interface RoleRow {
  readonly [column: string]: unknown;
  readonly rolname: string;
  readonly good: boolean;
  readonly monitor: boolean;
}

/** One look at both roles: whether each has exactly the attributes it should. */
const lookSql = `
SELECT rolname,
  CASE rolname WHEN $1 THEN rolcanlogin AND rolreplication
    ELSE rolcanlogin AND rolinherit AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls) END AS good,
  pg_has_role(oid, 'pg_monitor', 'MEMBER') AS monitor
FROM pg_roles WHERE rolname IN ($1, $2)`;

/**
 * What may be called through a connection as streaming_replica: what pg_rewind, and a former primary of ours, read, and the
 * end of a segment, which a backup taken from a standby waits for.
 */
const replicationFunctions = [
  'pg_ls_dir(text, boolean, boolean)',
  'pg_stat_file(text, boolean)',
  'pg_read_binary_file(text)',
  'pg_read_binary_file(text, bigint, bigint, boolean)',
  'pg_switch_wal()',
];

/** Makes the roles that standbys and the metrics exporter log in with, and repairs them when somebody changed them. */
export async function ensureBuiltinRoles(database: Database): Promise<void> {
  const replication = quoteIdentifier(databaseUsers.replication);
  const metrics = quoteIdentifier(databaseUsers.metrics);
  const rows = await database.query<RoleRow>(lookSql, [databaseUsers.replication, databaseUsers.metrics]);
  const replicationRow = rows.find((row) => row.rolname === databaseUsers.replication);
  const metricsRow = rows.find((row) => row.rolname === databaseUsers.metrics);

  if (replicationRow === undefined) {
    await database.query(`CREATE ROLE ${replication} LOGIN REPLICATION`);
    await database.query(`COMMENT ON ROLE ${replication} IS 'Standbys of this cluster log in with this role'`);
  } else if (!replicationRow.good) {
    await database.query(`ALTER ROLE ${replication} LOGIN REPLICATION`);
  }
  const grants = replicationFunctions.map((name) => `GRANT EXECUTE ON FUNCTION pg_catalog.${name} TO ${replication}`);
  await database.query(grants.join('; '));

  const attributes = 'LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';
  if (metricsRow === undefined) await database.query(`CREATE ROLE ${metrics} ${attributes}`);
  else if (!metricsRow.good) await database.query(`ALTER ROLE ${metrics} ${attributes}`);
  if (metricsRow?.monitor !== true) await database.query(`GRANT pg_monitor TO ${metrics}`);
}
