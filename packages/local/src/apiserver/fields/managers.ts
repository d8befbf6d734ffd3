/** The managers of an object, decoded from and encoded to `metadata.managedFields`. */

import type { ManagedFieldsEntry } from '../registry/types.ts';
import { isObject } from './json.ts';
import { difference, EMPTY, type FieldSet, fromFieldsV1, isEmpty, setOf, toFieldsV1, union } from './set.ts';

export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly set: FieldSet;
}

/** By identity: see `identity`. */
export type Managers = ReadonlyMap<string, Manager>;

/** An applier is the same manager under every version of the kind; one that updates is another under each. */
export function identity(manager: Pick<Manager, 'name' | 'operation' | 'apiVersion' | 'subresource'>): string {
  const version = manager.operation === 'Apply' ? '' : manager.apiVersion;
  return JSON.stringify([manager.operation, manager.name, version, manager.subresource]);
}

/** undefined when an entry is not what it should be: the client does not know managedFields, or broke them. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Managers | undefined {
  const managers = new Map<string, Manager>();
  for (const entry of entries ?? []) {
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') return undefined;
    if (entry.fieldsType !== 'FieldsV1' || !isObject(entry.fieldsV1)) return undefined;
    const manager: Manager = {
      name: entry.manager ?? '',
      operation: entry.operation,
      apiVersion: entry.apiVersion ?? '',
      subresource: entry.subresource ?? '',
      time: entry.time ?? undefined,
      set: fromFieldsV1(entry.fieldsV1),
    };
    managers.set(identity(manager), manager);
  }
  return managers;
}

/** Appliers first, then by time and name; a manager that owns nothing is dropped. */
export function encodeManagers(managers: Managers): ManagedFieldsEntry[] {
  return [...managers.values()]
    .filter((manager) => !isEmpty(manager.set))
    .sort(order)
    .map(entryOf);
}

function order(a: Manager, b: Manager): number {
  if (a.operation !== b.operation) return a.operation === 'Apply' ? -1 : 1;
  const [x, y] = [a, b].map((m) => `${m.time ?? ''}\0${m.name}\0${m.apiVersion}\0${m.subresource}`);
  return (x ?? '') < (y ?? '') ? -1 : 1;
}

function entryOf(manager: Manager): ManagedFieldsEntry {
  return {
    manager: manager.name,
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.time === undefined ? {} : { time: manager.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(manager.set),
    ...(manager.subresource === '' ? {} : { subresource: manager.subresource }),
  };
}

/** RFC 3339 with seconds, as times stand in metadata. */
export function timestamp(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`;
}

const meta = (name: string): string[] => ['f:metadata', `f:${name}`];

/** What identifies an object or is set by the server has no manager. */
const UNOWNED = setOf(
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map(meta),
);

export function withoutUnowned(set: FieldSet): FieldSet {
  return difference(set, UNOWNED);
}

const LIMIT = 10;
const ANCIENT = 'ancient-changes';

/** An object keeps ten updating managers at most: the oldest are put together, version by version. */
export function capManagers(managers: Managers): Managers {
  const updaters = [...managers.values()].filter((manager) => manager.operation === 'Update');
  if (updaters.length <= LIMIT) return managers;
  const excess = [...updaters]
    .sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1))
    .slice(0, updaters.length - LIMIT + 1);
  const out = new Map(managers);
  for (const manager of excess) {
    out.delete(identity(manager));
    const bucket = { ...manager, name: ANCIENT, subresource: '' };
    const before = out.get(identity(bucket));
    out.set(identity(bucket), { ...bucket, set: union(before?.set ?? EMPTY, manager.set) });
  }
  return out;
}
