/** A physical slot as pg_replication_slots shows it. */
export interface PhysicalSlot {
  readonly name: string;
  readonly active: boolean;
}

export interface PrimarySlotsPlan {
  readonly create: readonly string[];
  readonly drop: readonly string[];
  /** Unexpected slots in use now; looked at again later. */
  readonly busy: readonly string[];
}

/** What a primary has to do so that every other instance has its slot and nobody else's keeps WAL. */
export function planPrimarySlots(
  expected: readonly string[],
  existing: readonly PhysicalSlot[],
  prefix: string,
): PrimarySlotsPlan {
  const names = new Set(existing.map((slot) => slot.name));
  const unexpected = existing.filter((slot) => slot.name.startsWith(prefix) && !expected.includes(slot.name));
  return {
    create: expected.filter((name) => !names.has(name)),
    drop: unexpected.filter((slot) => !slot.active).map((slot) => slot.name),
    busy: unexpected.filter((slot) => slot.active).map((slot) => slot.name),
  };
}
