import { type Cluster, conditionTypes } from '@matriarch/api';
import { done, type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { decideArchive } from '../archive/decide.ts';
import { applyManagedExtensions } from '../extensions/managed.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import { publishQuorum } from '../primary/quorum.ts';
import { ensureBuiltinRoles } from '../roles/builtin.ts';
import { applyManagedRoles } from '../roles/managed.ts';
import { applyPasswords } from '../roles/passwords.ts';
import { ensurePoolerRole } from '../roles/pooler.ts';
import { ensurePrimarySlots } from '../slots/primary.ts';
import { applyTablespaces } from '../tablespaces/reconcile.ts';
import type { Memory } from './memory.ts';

type Duty = readonly [
  name: string,
  retryMs: number,
  /** False = look again later. */
  work: (instance: Instance, memory: Memory, cluster: Cluster) => Promise<boolean>,
];

const always = (work: (instance: Instance, memory: Memory, cluster: Cluster) => Promise<void>): Duty[2] => {
  return async (instance, memory, cluster) => {
    await work(instance, memory, cluster);
    return true;
  };
};

/** In this order: standbys wait for the first two, nobody for the rest. */
const duties: readonly Duty[] = [
  ['replication roles', 1000, always(builtinRoles)],
  ['replication slots', 1000, (instance, _, cluster) => ensurePrimarySlots(instance, cluster)],
  ['failover quorum', 250, publishQuorum],
  ['passwords', 5000, (instance, memory, cluster) => applyPasswords(instance, cluster, memory.appliedSecrets)],
  ['managed roles', 5000, (instance, _, cluster) => applyManagedRoles(instance, cluster)],
  ['tablespaces', 5000, (instance, _, cluster) => applyTablespaces(instance, cluster)],
  ['extensions', 5000, always(extensions)],
  ['continuous archiving', 5000, always(discardedArchive)],
  ['pooler role', 5000, always((instance, _, cluster) => ensurePoolerRole(instance, cluster))],
];

/** What a running primary keeps in order. One that fails keeps none of the others from being done. */
export async function primaryDuties(instance: Instance, memory: Memory, cluster: Cluster): Promise<ReconcileResult> {
  let retry: { ms: number; names: string[] } | undefined;
  for (const [name, ms, work] of duties) {
    const finished = await work(instance, memory, cluster).catch((error: unknown) => {
      instance.logger.error({ duty: name, error: errorText(error) }, 'A duty of the primary could not be done');
      return false;
    });
    if (finished) continue;
    retry = { ms: Math.min(ms, retry?.ms ?? ms), names: [...(retry?.names ?? []), name] };
  }
  return retry === undefined ? done : requeue(retry.ms, `not finished yet: ${retry.names.join(', ')}`);
}

async function builtinRoles(instance: Instance, memory: Memory): Promise<void> {
  if (memory.rolesReady) return;
  await ensureBuiltinRoles(instance.database);
  memory.rolesReady = true;
}

/** Where WAL is discarded no worker tells that the archive command works, so the server is asked. */
async function discardedArchive(instance: Instance, memory: Memory, cluster: Cluster): Promise<void> {
  if (decideArchive(cluster, instance.options.podName).kind !== 'discard') return;
  const condition = cluster.status?.conditions?.find((entry) => entry.type === conditionTypes.continuousArchiving);
  if (condition?.status === 'True') return;
  const [row] = await instance.database.query<{ works: boolean }>(
    'SELECT archived_count > 0 AS works FROM pg_stat_archiver',
  );
  if (row?.works === true) memory.archiving.report(undefined);
}

/** It takes a connection to every database, so it is done when something may have changed only. */
async function extensions(instance: Instance, memory: Memory, cluster: Cluster): Promise<void> {
  const parameters = JSON.stringify(cluster.spec.postgresql?.parameters ?? {});
  if (memory.extensionsFor === parameters) return;
  await applyManagedExtensions(instance, cluster);
  memory.extensionsFor = parameters;
}
