import { access, mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '@matriarch/api';
import { type Environment, resolvePath } from '../paths.ts';

export function tablespaceLocation(tablespaces: string, name: string): string {
  return join(tablespaces, name, 'data');
}

/** Makes the directory of every tablespace whose volume is mounted. */
export async function ensureTablespaceDirectories(cluster: Cluster, tablespaces: string): Promise<void> {
  for (const { name } of cluster.spec.tablespaces ?? []) {
    const mounted = await access(join(tablespaces, name)).then(
      () => true,
      () => false,
    );
    if (mounted) await mkdir(tablespaceLocation(tablespaces, name), { recursive: true, mode: 0o700 });
  }
}

const mountedTablespaces = '/var/lib/postgresql/tablespaces/';

/**
 * Where a tablespace of another place lies here: on our own volume of that name. Pods that share one file system have
 * something before the container's path, which differs from pod to pod.
 */
export function tablespaceTarget(location: string, environment: Environment): string {
  const at = location.lastIndexOf(mountedTablespaces);
  return at < 0 ? location : resolvePath(location.slice(at), environment);
}

/** Sets the links of a stopped server right that lead to where an earlier pod had the volumes. */
export async function relinkTablespaces(pgData: string, environment: Environment): Promise<void> {
  const folder = join(pgData, 'pg_tblspc');
  for (const name of await readdir(folder)) {
    const link = join(folder, name);
    // What is no link is a tablespace inside of the data directory.
    const location = await readlink(link).catch(() => undefined);
    if (location === undefined) continue;
    const target = tablespaceTarget(location, environment);
    if (target === location) continue;
    await rm(`${link}.new`, { force: true });
    await symlink(target, `${link}.new`);
    await rename(`${link}.new`, link);
  }
}
