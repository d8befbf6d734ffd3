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

/** A slot of the primary, as a standby sees it. */
export interface SourceSlot {
  readonly name: string;
  readonly restartLsn: string | undefined;
}

export interface LocalSlot {
  readonly name: string;
  readonly active: boolean;
  readonly restartLsn: string | undefined;
  /** A slot that holds back vacuum on the primary does not belong on a standby. */
  readonly holdsXmin: boolean;
}

export interface StandbySlotsInput {
  readonly own: string;
  readonly prefix: string;
  readonly highAvailability: boolean;
  /** Whether slots that users made are copied too. */
  readonly userSlots: boolean;
  readonly excludePatterns: readonly RegExp[];
  readonly source: readonly SourceSlot[];
  readonly local: readonly LocalSlot[];
}

export interface StandbySlotsPlan {
  readonly create: readonly string[];
  readonly advance: readonly { readonly name: string; readonly lsn: string }[];
  readonly drop: readonly string[];
}

/** What a standby does so that whoever is promoted has the slots of the others, at about their position. */
export function planStandbySlots(input: StandbySlotsInput): StandbySlotsPlan {
  const wanted = input.source.filter((slot) => isCopied(slot, input));
  const localByName = new Map(input.local.map((slot) => [slot.name, slot]));
  const wantedNames = new Set(wanted.map((slot) => slot.name));
  return {
    create: wanted.filter((slot) => !localByName.has(slot.name)).map((slot) => slot.name),
    advance: wanted.flatMap((slot) => {
      const local = localByName.get(slot.name);
      if (slot.restartLsn === undefined || local?.holdsXmin === true) return [];
      return local?.restartLsn === slot.restartLsn ? [] : [{ name: slot.name, lsn: slot.restartLsn }];
    }),
    drop: input.local
      .filter((slot) => !slot.active && (slot.holdsXmin || !wantedNames.has(slot.name)))
      .filter((slot) => isOurs(slot.name, input))
      .map((slot) => slot.name),
  };
}

function isCopied(slot: SourceSlot, input: StandbySlotsInput): boolean {
  if (slot.name === input.own) return false;
  if (slot.name.startsWith(input.prefix)) return input.highAvailability && slot.restartLsn !== undefined;
  return input.userSlots && !input.excludePatterns.some((pattern) => pattern.test(slot.name));
}

/** A logical slot of a standby. */
export interface LogicalSlot {
  readonly name: string;
  readonly active: boolean;
  /** Whether it is one that standbys keep a copy of. */
  readonly failover: boolean;
  /** Whether it is such a copy. */
  readonly synced: boolean;
}

/**
 * Logical slots that a standby has from its time as the primary. Nobody can make one with `failover` on a standby, so one
 * that is no copy is such a leftover: it holds back WAL and the catalogs for nobody, and PostgreSQL copies none of its
 * name while it is there.
 */
export function leftoverLogicalSlots(slots: readonly LogicalSlot[]): readonly string[] {
  return slots.filter((slot) => slot.failover && !slot.synced && !slot.active).map((slot) => slot.name);
}

/** Go's regular expressions put flags in front, as in `(?i)name`; JavaScript's take them apart. */
export function slotPattern(text: string): RegExp | undefined {
  const [, flags = '', pattern = text] = /^\(\?([ims]+)\)([\s\S]*)$/.exec(text) ?? [];
  try {
    return new RegExp(pattern, flags);
  } catch {
    return undefined;
  }
}

/** Slots that a user excluded are made and dropped by that user. */
function isOurs(name: string, input: StandbySlotsInput): boolean {
  if (name.startsWith(input.prefix)) return true;
  return !input.excludePatterns.some((pattern) => pattern.test(name));
}
