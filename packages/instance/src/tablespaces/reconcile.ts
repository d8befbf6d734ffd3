import { access } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Cluster, Tablespace, TablespaceState } from '@matriarch/api';
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
  for (const spec of specs) states.push(await applyTablespace(instance, spec, owners.get(spec.name)));
  if (!isDeepStrictEqual(states, old)) await patchStatus(instance, { tablespacesStatus: states });
  return states.every((state) => state.state === 'reconciled');
}

async function applyTablespace(
  instance: Instance,
  spec: Tablespace,
  currentOwner: string | undefined,
): Promise<TablespaceState> {
  const owner = spec.owner?.name || 'postgres';
  const location = tablespaceLocation(instance.options.layout.tablespaces, spec.name);
  try {
    if (currentOwner === undefined) {
      const mounted = await access(location).then(
        () => true,
        () => false,
      );
      if (!mounted) return { name: spec.name, owner, state: 'pending' };
      await instance.database.query(
        `CREATE TABLESPACE ${quoteIdentifier(spec.name)} OWNER ${quoteIdentifier(owner)} LOCATION ${quoteLiteral(location)}`,
      );
    } else if (currentOwner !== owner) {
      await instance.database.query(
        `ALTER TABLESPACE ${quoteIdentifier(spec.name)} OWNER TO ${quoteIdentifier(owner)}`,
      );
    }
    return { name: spec.name, owner, state: 'reconciled' };
  } catch (error) {
    return { name: spec.name, owner, state: 'pending', error: errorText(error) };
  }
}
