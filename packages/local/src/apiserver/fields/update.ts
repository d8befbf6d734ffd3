/**
 * Whose the fields of an object are after a write.
 * An update takes what it adds or changes from everybody and gives it to its manager; what it removes nobody owns.
 */

import type { TrackInput } from '../registry/hooks.ts';
import type { ApiObject, JsonObject, ManagedFieldsEntry, TypeSchema } from '../registry/types.ts';
import { type Comparison, compare, UntypedListError } from './compare.ts';
import {
  capManagers,
  decodeManagers,
  encodeManagers,
  identity,
  type Manager,
  type Managers,
  timestamp,
  withoutUnowned,
} from './managers.ts';
import { difference, EMPTY, type FieldSet, intersection, isEmpty, setOf, union, withoutTrees } from './set.ts';

/** The managedFields of an ordinary write (everything but apply). */
export function trackUpdate(input: TrackInput): ManagedFieldsEntry[] {
  const managers = currentManagers(input);
  if (managers.size === 0 && input.live !== undefined) return [];
  const self = { ...identityOf(input, 'Update'), time: timestamp(input.now) };
  return encodeManagers(capManagers(updated(managers, input, emptyOf(input), self)));
}

/** Managers after `next` took the place of `live`, done by `self`. */
export function updated(
  managers: Managers,
  input: Pick<TrackInput, 'next' | 'schema' | 'subresource' | 'hasStatus'>,
  live: ApiObject,
  self: Manager,
): Managers {
  let changes: Comparison;
  try {
    changes = changesOf(live, input.next, input);
  } catch (error) {
    if (error instanceof UntypedListError) return managers;
    throw error;
  }
  const taken = union(changes.added, changes.modified);
  const out = new Map<string, Manager>();
  for (const [id, manager] of managers) {
    const rest = difference(difference(manager.set, taken), changes.removed);
    if (!isEmpty(rest)) out.set(id, { ...manager, set: rest });
  }
  const mine = withoutUnowned(taken);
  if (!isEmpty(mine)) {
    const before = out.get(identity(self));
    out.set(identity(self), { ...self, set: union(before?.set ?? EMPTY, mine) });
  }
  return out;
}

/** Conflicts of an applied change with the managers that own what it changes. */
export function conflictsOf(managers: Managers, self: string, changes: Comparison): Map<string, FieldSet> {
  const taken = union(changes.added, changes.modified);
  const conflicts = new Map<string, FieldSet>();
  for (const [id, manager] of managers) {
    if (id === self) continue;
    const both = intersection(manager.set, taken);
    if (!isEmpty(both)) conflicts.set(id, both);
  }
  return conflicts;
}

type Part = { schema: TypeSchema; subresource?: string; hasStatus?: boolean };

/** What differs, without the part of the object that this address does not write. */
export function changesOf(live: ApiObject, next: ApiObject, input: Part): Comparison {
  const changes = compare(withoutEntries(live), withoutEntries(next), input.schema);
  const foreign = foreignPart(input);
  return {
    added: withoutTrees(changes.added, foreign),
    modified: withoutTrees(changes.modified, foreign),
    removed: withoutTrees(changes.removed, foreign),
  };
}

/** `spec` is not written through the subresource `status`, nor `status` past it. */
export function foreignPart(input: Omit<Part, 'schema'>): FieldSet {
  if (input.subresource === 'status') return setOf(['f:spec']);
  return input.hasStatus === false ? EMPTY : setOf(['f:status']);
}

export function withoutEntries(object: ApiObject): JsonObject {
  const { managedFields: _entries, ...metadata } = object.metadata;
  return { ...object, metadata } as unknown as JsonObject;
}

export function emptyOf(input: Pick<TrackInput, 'live' | 'empty' | 'apiVersion'> & { kind?: string }): ApiObject {
  return input.live ?? input.empty ?? { apiVersion: input.apiVersion, kind: input.kind ?? '', metadata: {} };
}

export function identityOf(
  input: Pick<TrackInput, 'manager' | 'apiVersion' | 'subresource'>,
  operation: 'Apply' | 'Update',
): Manager {
  const { manager: name, apiVersion } = input;
  return { name, operation, apiVersion, subresource: input.subresource ?? '', time: undefined, set: EMPTY };
}

/** What the client sent counts, when it is complete; `[{}]` means that nobody owns anything. */
function currentManagers(input: TrackInput): Managers {
  const sent = input.next.metadata.managedFields;
  const live = (): Managers => decodeManagers(input.live?.metadata.managedFields) ?? new Map();
  if (input.subresource !== undefined && input.subresource !== '') return live();
  if (sent?.length === 1 && Object.keys(sent[0] ?? {}).length === 0) return new Map();
  const managers = decodeManagers(sent);
  return managers === undefined || managers.size === 0 ? live() : managers;
}
