/**
 * How a primary is kept from writing without being stopped.
 *
 * `readOnly`: transactions are read-only by default, nothing is vacuumed, sorts spill little, and whoever writes all the same
 * (a session may override its default) is ended at each look.
 * `closed`: besides, nobody gets in over TCP, and who is in is ended. What is left are replication, archiving, the
 * manager, and the superuser over the socket of the pod, who is there to clear up. Even that one is ended when the last
 * segments are at stake: a mere SELECT writes WAL where it sets hints on pages that are new.
 */
import type { Restraint } from './levels.ts';

/** Read last of all configuration files; empty while nothing is restrained. */
export const restraintFile = 'restraint.conf';

/** Queries that sort on the disk take the room that the WAL needs. */
const settings = ["default_transaction_read_only = 'on'", "autovacuum = 'off'", "temp_file_limit = '16MB'"];

export function restraintConf(restraint: Restraint): string {
  return restraint === 'none' ? '' : `${settings.join('\n')}\n`;
}

const refusal = 'host all all all reject';
/** Behind the lines of replication and pooler, before every other. */
const lastOwnLine = 'hostssl all cnpg_pooler_pgbouncer all cert map=cnpg_pooler_pgbouncer';

/** pg_hba.conf with or without the line that refuses everybody who comes over TCP. */
export function restrainedHba(text: string, restraint: Restraint): string {
  const open = text.split('\n').filter((line, index, lines) => !(line === refusal && lines[index - 1] === lastOwnLine));
  if (restraint !== 'closed') return open.join('\n');
  return open.flatMap((line) => (line === lastOwnLine ? [line, refusal] : [line])).join('\n');
}

const ours = "application_name <> 'cnpg-instance-manager' AND pid <> pg_backend_pid()";
const writers = `backend_type = 'autovacuum worker' OR (backend_xid IS NOT NULL AND NOT
  (backend_type = 'walsender' OR (backend_type = 'client backend' AND client_addr IS NULL AND superuser)))`;
const anybody = "backend_type = 'client backend' OR (backend_xid IS NOT NULL AND backend_type <> 'walsender')";
const fromOutside = "backend_type = 'client backend' AND client_addr IS NOT NULL";

/** Whom the end of a session spares: the superuser on the socket of the pod, or only the manager. */
export type Spared = 'superuser' | 'manager';

/** Ends the sessions that the restraint does not allow; gives their number. */
export function endSessionsSql(restraint: Exclude<Restraint, 'none'>, spared: Spared): string {
  const condition =
    spared === 'manager' ? anybody : restraint === 'closed' ? `${writers} OR (${fromOutside})` : writers;
  return `SELECT count(pg_terminate_backend(pid))::int AS ended
FROM (SELECT a.*, coalesce(r.rolsuper, false) AS superuser FROM pg_stat_activity a
  LEFT JOIN pg_roles r ON r.oid = a.usesysid) AS s
WHERE ${ours} AND (${condition})`;
}
