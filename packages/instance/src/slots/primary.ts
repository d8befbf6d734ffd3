import { areHighAvailabilitySlotsEnabled, type Cluster, slotName, slotPrefix } from '@matriarch/api';
import type { Instance } from '../instance.ts';
import { type PhysicalSlot, planPrimarySlots } from './decide.ts';

const slotsSql = `SELECT slot_name AS name, active FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT temporary`;

/** Keeps one slot per other instance; resolves to false when a slot to drop is in use. */
export async function ensurePrimarySlots(instance: Instance, cluster: Cluster): Promise<boolean> {
  const names = cluster.status?.instanceNames ?? [];
  const others = names.filter((name) => name !== instance.options.podName);
  const enabled = areHighAvailabilitySlotsEnabled(cluster);
  const expected = enabled ? others.map((name) => slotName(cluster, name)) : [];
  const existing = await instance.database.query<
    { name: string; active: boolean } & PhysicalSlot & Record<string, unknown>
  >(slotsSql);
  const plan = planPrimarySlots(expected, existing, slotPrefix(cluster));
  for (const name of plan.create)
    await instance.database.query('SELECT pg_create_physical_replication_slot($1)', [name]);
  for (const name of plan.drop) await instance.database.query('SELECT pg_drop_replication_slot($1)', [name]);
  return plan.busy.length === 0;
}
