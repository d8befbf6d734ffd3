/** What a base backup leaves out (PostgreSQL manual, "Backing Up the Data Directory"; rules of barman-cloud). */

/** Files and folders in the root of PGDATA whose content is left out; the folder itself is kept. */
const emptiedAtRoot = new Set(['pg_log', 'log', 'pg_xlog', 'pg_wal']);

/** Folders at any depth whose content is left out. */
const emptied = new Set([
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_stat_tmp',
  'pg_snapshots',
  'pg_subtrans',
]);

const skippedNames = new Set([
  'postgresql.auto.conf.tmp',
  'current_logfiles.tmp',
  'pg_internal.init',
  'postmaster.pid',
  'postmaster.opts',
  'recovery.conf',
  'standby.signal',
]);

/** Whether a file or folder is left out altogether. `path` is relative to PGDATA, without a leading `/`. */
export function isSkipped(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return skippedNames.has(name) || name.startsWith('pgsql_tmp') || path === 'global/pg_control';
}

/** Whether a folder is stored without its content. */
export function isEmptied(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return emptied.has(name) || emptiedAtRoot.has(path);
}
