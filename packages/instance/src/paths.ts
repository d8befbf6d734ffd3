import { join } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where an absolute path of the container really is. In a container of its own it is where it says; a node that runs
 * pods as processes on one file system sets CONTAINER_SANDBOX_MOUNT_POINT, and every path lies below that.
 * A path that is already below the mount point, or relative, comes back unchanged.
 */
export function resolvePath(path: string, environment: Environment = process.env): string {
  const mountPoint = environment.CONTAINER_SANDBOX_MOUNT_POINT;
  if (mountPoint === undefined || mountPoint === '' || !path.startsWith('/')) return path;
  const root = mountPoint.endsWith('/') ? mountPoint.slice(0, -1) : mountPoint;
  if (path === root || path.startsWith(`${root}/`)) return path;
  return join(root, path);
}

/** Every place in the container that the manager and PostgreSQL share, already resolved. */
export interface Layout {
  readonly pgData: string;
  /** Below this the WAL volume is mounted, when the cluster has one. */
  readonly walVolume: string;
  readonly tablespaces: string;
  readonly controller: string;
  /** The copied `manager` script. */
  readonly manager: string;
  readonly run: string;
  readonly certificates: string;
  readonly logs: string;
  readonly temporary: string;
  readonly external: string;
  readonly archiveSpool: string;
  readonly restoreSpool: string;
  readonly extensions: string;
  readonly projected: string;
}

export function containerLayout(environment: Environment, pgData?: string): Layout {
  const at = (path: string) => resolvePath(path, environment);
  return {
    pgData: at(pgData ?? environment.PGDATA ?? '/var/lib/postgresql/data/pgdata'),
    walVolume: at('/var/lib/postgresql/wal'),
    tablespaces: at('/var/lib/postgresql/tablespaces'),
    controller: at('/controller'),
    manager: at('/controller/manager'),
    run: at('/controller/run'),
    certificates: at('/controller/certificates'),
    logs: at('/controller/log'),
    temporary: at('/controller/tmp'),
    external: at('/controller/external'),
    archiveSpool: at('/controller/wal-archive-spool'),
    restoreSpool: at('/controller/wal-restore-spool'),
    extensions: at('/extensions'),
    projected: at('/projected'),
  };
}
