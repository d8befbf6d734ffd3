import { access } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { applicationDatabase, type Cluster, type TablespaceState } from '@matriarch/api';
import { quoteIdentifier, quoteLiteral } from '@matriarch/postgres';
import { patchStatus } from '../clusterStatus.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import { ensureTablespaceDirectories, tablespaceLocation } from './directories.ts';

const existingSql = `
SELECT t.spcname AS name, r.rolname AS owner FROM pg_tablespace t JOIN pg_roles r ON r.oid = t.spcowner
WHERE t.spcname !~ '^pg_'`;

/** Makes the tablespaces of the spec and gives them their owners; resolves to false while one is pending. */
export async function applyTablespaces(instance: Instance, cluster: Cluster): Promise<boolean> {
  const specs = cluster.spec.tablespaces ?? [];
  const old = cluster.status?.tablespacesStatus ?? [];
  if (specs.length === 0 && old.length === 0) return true;
  await ensureTablespaceDirectories(cluster, instance.options.layout.tablespaces);
  const rows = await instance.database.query<{ name: string; owner: string }>(existingSql);
  const owners = new Map(rows.map((row) => [row.name, row.owner]));
  const states: TablespaceState[] = [];
  const problem = sharedFileSystem(instance, cluster);
  for (const spec of specs) {
    const owner = spec.owner?.name || applicationDatabase(cluster)?.owner || 'postgres';
    const current = owners.get(spec.name);
    if (problem !== undefined && current === undefined)
      states.push({ name: spec.name, owner, state: 'pending', error: problem });
    else states.push(await applyTablespace(instance, spec.name, owner, current));
  }
  if (!isDeepStrictEqual(states, old)) await patchStatus(instance, { tablespacesStatus: states });
  return states.every((state) => state.state === 'reconciled');
}

/**
 * A standby makes the tablespace at the very path of the primary. Where all pods share one file system that is the
 * primary's own directory, and both would write to it.
 */
function sharedFileSystem({ environment }: Instance, { spec }: Cluster): string | undefined {
  if (!environment.CONTAINER_SANDBOX_MOUNT_POINT || spec.instances === 1) return undefined;
  return 'pods share one file system here, so a tablespace can be made with one instance only: set spec.instances to 1 first';
}

async function applyTablespace(
  instance: Instance,
  name: string,
  owner: string,
  currentOwner: string | undefined,
): Promise<TablespaceState> {
  const location = tablespaceLocation(instance.options.layout.tablespaces, name);
  try {
    if (currentOwner === undefined) {
      const mounted = await access(location).then(
        () => true,
        () => false,
      );
      if (!mounted) return { name, owner, state: 'pending' };
      await instance.database.query(
        `CREATE TABLESPACE ${quoteIdentifier(name)} OWNER ${quoteIdentifier(owner)} LOCATION ${quoteLiteral(location)}`,
      );
      // A recovery must not make it again: another pod may have the volume elsewhere by then.
      await instance.database.query('CHECKPOINT');
    } else if (currentOwner !== owner) {
      await instance.database.query(`ALTER TABLESPACE ${quoteIdentifier(name)} OWNER TO ${quoteIdentifier(owner)}`);
    }
    return { name, owner, state: 'reconciled' };
  } catch (error) {
    return { name, owner, state: 'pending', error: errorText(error) };
  }
}
