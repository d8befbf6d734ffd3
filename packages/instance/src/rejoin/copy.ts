import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cluster, slotName } from '@matriarch/api';
import type { ConnectionParameters } from '@matriarch/postgres';
import { standbyOverride } from '../configuration/files.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import type { Instance } from '../instance.ts';
import { copyInProcess } from './copyProcess.ts';
import { removeMark, setMark } from './mark.ts';
import { markStandby } from './role.ts';
import { copyDirectory, swapIn } from './swap.ts';

/** Replaces the data directory by a fresh copy of the primary. */
export async function copyFromPrimary(
  instance: Instance,
  cluster: Cluster,
  conninfo: ConnectionParameters,
  order: 'copy first' | 'old data first',
  signal: AbortSignal,
): Promise<void> {
  const { pgData } = instance.options.layout;
  const target = copyDirectory(pgData);
  await rm(target, { recursive: true, force: true });
  // Tablespaces are copied to where they are, so with them the old data is not whole from here on.
  if (order === 'old data first' || (cluster.spec.tablespaces ?? []).length > 0) await setMark(pgData);
  if (order === 'old data first') await emptyBut(pgData, ['global', 'PG_VERSION']);
  await removeTablespaces(cluster, instance.options.layout.tablespaces);
  const started = performance.now();
  const bytes = await copyInProcess(
    {
      connection: conninfo,
      label: `rejoin of ${instance.options.podName}`,
      pgData: target,
      checkpoint: 'fast',
      slot: `${slotName(cluster, instance.options.podName) || 'rejoin'}_copy`,
    },
    signal,
  );
  for (const name of ['custom.conf', 'pg_hba.conf', 'pg_ident.conf'])
    await cp(join(pgData, name), join(target, name), { force: true });
  await writeFileAtomic(join(target, 'override.conf'), await standbyOverride(instance, cluster, 'stream'));
  await markStandby(target);
  await swapIn(pgData);
  await removeMark(pgData);
  instance.logger.info({ bytes, milliseconds: Math.round(performance.now() - started) }, 'The fresh copy is in place');
}

/** Removes everything but what tells which cluster and role the directory had. */
async function emptyBut(directory: string, keep: readonly string[]): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!keep.includes(name) && !name.endsWith('.conf'))
      await rm(join(directory, name), { recursive: true, force: true });
  }
}

/** A base backup puts tablespaces where they are at the primary, into empty directories. */
async function removeTablespaces(cluster: Cluster, tablespaces: string): Promise<void> {
  for (const { name } of cluster.spec.tablespaces ?? []) {
    await rm(join(tablespaces, name, 'data'), { recursive: true, force: true });
  }
}
