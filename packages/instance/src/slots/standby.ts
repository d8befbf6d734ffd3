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
import { dataDirectoryVersion } from '@matriarch/postgres';
import { conninfoToPrimary } from '../configuration/files.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import { connectTo } from '../rejoin/source.ts';
import {
  type LocalSlot,
  type LogicalSlot,
  leftoverLogicalSlots,
  planStandbySlots,
  type SourceSlot,
  slotPattern,
} from './decide.ts';

const connectTimeoutMs = 5000;

const sourceSql = `
SELECT slot_name AS name, restart_lsn::text AS "restartLsn" FROM pg_replication_slots
WHERE slot_type = 'physical' AND NOT temporary`;

const localSql = `
SELECT slot_name AS name, active, restart_lsn::text AS "restartLsn", xmin IS NOT NULL AS "holdsXmin"
FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT temporary`;

const logicalSql = `
SELECT slot_name AS name, active, failover, synced FROM pg_replication_slots WHERE slot_type = 'logical' AND NOT temporary`;

/** Before PostgreSQL 17 standbys have no copies of logical slots. */
const firstWithFailoverSlots = 17;

/** Copies the slots of the primary to this standby, again and again, and at once when something about them changes. */
export async function synchronizeSlots(instance: Instance, signal: AbortSignal): Promise<void> {
  const changes = watchChanges(instance);
  while (!signal.aborted) {
    const changed = changes.next();
    const cluster = instance.cluster.current();
    if (cluster !== undefined && isStandby(instance, cluster)) {
      await copySlots(instance, cluster).catch((error: unknown) => {
        instance.logger.warn({ error: errorText(error) }, 'The replication slots could not be copied');
      });
    }
    const pause = new AbortController();
    const interval = (cluster === undefined ? 1 : slotUpdateInterval(cluster)) * 1000;
    await Promise.race([sleep(interval, AbortSignal.any([signal, pause.signal])), changed]);
    pause.abort();
  }
  changes.end();
}

/** What the copying depends on, beside the slots themselves. */
function watchChanges(instance: Instance): { next(): Promise<void>; end(): void } {
  let waiting = Promise.withResolvers<void>();
  let last = '';
  const look = () => {
    const { spec, status } = instance.cluster.current() ?? {};
    const { currentPrimary, targetPrimary } = status ?? {};
    const running = instance.lifecycle.state === 'running';
    const now = JSON.stringify([spec?.replicationSlots, currentPrimary, targetPrimary, running]);
    if (now !== last) waiting.resolve();
    last = now;
  };
  const ends = [instance.cluster.onChange(look), instance.lifecycle.onEvent(look)];
  return {
    next() {
      waiting = Promise.withResolvers<void>();
      return waiting.promise;
    },
    end: () => ends.forEach((end) => void end()),
  };
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
  await dropLeftovers(instance);
}

async function dropLeftovers(instance: Instance): Promise<void> {
  if ((await dataDirectoryVersion(instance.options.layout.pgData)) < firstWithFailoverSlots) return;
  const slots = await instance.database.query<LogicalSlot & Record<string, unknown>>(logicalSql);
  for (const name of leftoverLogicalSlots(slots)) {
    instance.logger.info({ slot: name }, 'Dropping a logical slot of the time when this standby was the primary');
    await instance.database.query('SELECT pg_drop_replication_slot($1)', [name]);
  }
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
  const texts = cluster.spec.replicationSlots?.synchronizeReplicas?.excludePatterns ?? [];
  return texts.map(slotPattern).filter((pattern) => pattern !== undefined);
}
