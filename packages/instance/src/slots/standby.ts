import {
  areHighAvailabilitySlotsEnabled,
  areUserSlotsSynchronized,
  type Cluster,
  isReplicaCluster,
  slotName,
  slotPrefix,
  slotUpdateInterval,
} from '@matriarch/api';
import { sleep } from '@matriarch/kubernetes';
import { conninfoToPrimary } from '../configuration/files.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import { connectTo } from '../rejoin/source.ts';
import { type LocalSlot, planStandbySlots, type SourceSlot } from './decide.ts';

const connectTimeoutMs = 5000;

const sourceSql = `
SELECT slot_name AS name, restart_lsn::text AS "restartLsn" FROM pg_replication_slots
WHERE slot_type = 'physical' AND NOT temporary`;

const localSql = `
SELECT slot_name AS name, active, restart_lsn::text AS "restartLsn", xmin IS NOT NULL AS "holdsXmin"
FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT temporary`;

/** Copies the slots of the primary to this standby, again and again. */
export async function synchronizeSlots(instance: Instance, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const cluster = instance.cluster.current();
    if (cluster !== undefined && isStandby(instance, cluster)) {
      await copySlots(instance, cluster).catch((error: unknown) => {
        instance.logger.warn({ error: errorText(error) }, 'The replication slots could not be copied');
      });
    }
    await sleep((cluster === undefined ? 1 : slotUpdateInterval(cluster)) * 1000, signal);
  }
}

function isStandby(instance: Instance, cluster: Cluster): boolean {
  const { currentPrimary, targetPrimary } = cluster.status ?? {};
  const { podName } = instance.options;
  if (isReplicaCluster(cluster) || instance.lifecycle.state !== 'running') return false;
  return currentPrimary !== '' && currentPrimary === targetPrimary && currentPrimary !== podName;
}

async function copySlots(instance: Instance, cluster: Cluster): Promise<void> {
  const { podName } = instance.options;
  const local = await instance.database.query<LocalSlot & Record<string, unknown>>(localSql);
  const plan = planStandbySlots({
    own: slotName(cluster, podName),
    prefix: slotPrefix(cluster),
    highAvailability: areHighAvailabilitySlotsEnabled(cluster),
    userSlots: areUserSlotsSynchronized(cluster),
    excludePatterns: patterns(cluster),
    source: await slotsOfPrimary(instance, cluster),
    local: local.map(withoutNull),
  });
  const { database } = instance;
  for (const name of plan.drop) await database.query('SELECT pg_drop_replication_slot($1)', [name]);
  for (const name of plan.create) await database.query('SELECT pg_create_physical_replication_slot($1, true)', [name]);
  for (const { name, lsn } of plan.advance) await advance(instance, name, lsn);
}

/** A slot that is ahead of the primary's, or that has no WAL yet, cannot be moved; the next round finds it right. */
async function advance(instance: Instance, name: string, lsn: string): Promise<void> {
  try {
    await instance.database.query('SELECT pg_replication_slot_advance($1, $2)', [name, lsn]);
  } catch (error) {
    instance.logger.debug({ slot: name, lsn, error: errorText(error) }, 'A replication slot could not be advanced');
  }
}

async function slotsOfPrimary(instance: Instance, cluster: Cluster): Promise<SourceSlot[]> {
  const client = await connectTo(await conninfoToPrimary(instance, cluster), connectTimeoutMs);
  try {
    return (await client.query<SourceSlot>(sourceSql)).rows.map(withoutNull);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function withoutNull<T extends { readonly restartLsn: string | undefined }>(slot: T): T {
  return { ...slot, restartLsn: slot.restartLsn ?? undefined };
}

/** A pattern that is no regular expression excludes nothing; the webhook refuses it. */
function patterns(cluster: Cluster): RegExp[] {
  return (cluster.spec.replicationSlots?.synchronizeReplicas?.excludePatterns ?? []).flatMap((text) => {
    try {
      return [new RegExp(text)];
    } catch {
      return [];
    }
  });
}
