/**
 * Create: defaults, field managers, mutating admission, what the server sets itself, validation, validating admission,
 * and only then the store. Nothing is written when any of them refuses.
 */

import { randomInt, randomUUID } from 'node:crypto';
import { groupVersion } from '../decode/body.ts';
import { validateMetadata } from '../meta/validate.ts';
import { ApiError, alreadyExists, invalid } from '../registry/errors.ts';
import type { ApiObject, ResourceInfo } from '../registry/types.ts';
import { StoreConflict } from '../storage/store.ts';
import { admit } from './admission.ts';
import { type Core, keyOf, served, type Target, tableOf, timestamp, toStored, type WriteOptions } from './core.ts';

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const MAX_BASE = 58;

/** The beginning given, cut so that five letters more fit into a name. */
export function generateName(base: string, random: (limit: number) => number = (limit) => randomInt(limit)): string {
  const letters = Array.from({ length: 5 }, () => LETTERS[random(LETTERS.length)] ?? '');
  return base.slice(0, MAX_BASE) + letters.join('');
}

export interface CreateInput {
  core: Core;
  target: Target;
  object: ApiObject;
  write: WriteOptions;
  /** managedFields are in the object already (server-side apply). */
  managed?: boolean;
}

export async function createObject(input: CreateInput): Promise<ApiObject> {
  const { core, target, object, write } = input;
  const { info } = target;
  if (info.virtual !== undefined) {
    info.strategy.setDefaults?.(object);
    return info.virtual(object, write.context, target.namespace);
  }
  object.metadata ??= {};
  for (const key of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'])
    Reflect.deleteProperty(object.metadata, key);
  if (target.namespace !== undefined) object.metadata.namespace = target.namespace;
  prepare(input);
  const named = { ...target, name: object.metadata.name ?? '' };
  await admit(core, 'mutating', named, write, { operation: 'CREATE', verb: 'create', object, old: undefined });
  info.strategy.setDefaults?.(object);
  setSystemFields(object, core.now());
  info.strategy.prepareForCreate?.(object, write.context);
  const errors = [...validateMetadata(object, info), ...(info.strategy.validate?.(object, write.context) ?? [])];
  const name = object.metadata.name ?? '';
  if (errors.length > 0) throw invalid(info.group, info.kind, name, errors);
  for (const warning of info.strategy.warnings?.(object) ?? []) write.context.warn(warning);
  const final = { ...target, name };
  await admit(core, 'validating', final, write, { operation: 'CREATE', verb: 'create', object, old: undefined });
  return store(core, final, object, write);
}

/** Defaults and the field manager's entry, as they are before admission sees the object. */
function prepare({ core, target, object, write, managed }: CreateInput): void {
  const { info } = target;
  info.strategy.setDefaults?.(object);
  if (managed === true) return;
  const empty = core.hooks.emptyObject(info);
  const fields = core.hooks.trackUpdate({
    live: undefined,
    ...(empty === undefined ? {} : { empty }),
    next: object,
    manager: write.context.fieldManager,
    apiVersion: groupVersion(info.group, info.version),
    schema: info.schema,
    hasStatus: info.subresources.includes('status'),
    now: core.now(),
  });
  if (fields.length > 0) object.metadata.managedFields = fields;
  else delete object.metadata.managedFields;
}

function setSystemFields(object: ApiObject, now: Date): void {
  const { metadata } = object;
  if ((metadata.resourceVersion ?? '') !== '') {
    throw new ApiError(500, undefined, 'resourceVersion should not be set on objects to be created');
  }
  delete metadata.resourceVersion;
  metadata.uid = randomUUID();
  metadata.creationTimestamp = timestamp(now);
  if ((metadata.name ?? '') === '' && (metadata.generateName ?? '') !== '') {
    metadata.name = generateName(metadata.generateName ?? '');
  }
  dropEmptyMetadata(object);
}

/** Empty maps, lists and texts of metadata are as good as absent. */
export function dropEmptyMetadata(object: ApiObject): void {
  const metadata = object.metadata as { [key: string]: unknown };
  for (const [key, value] of Object.entries(metadata)) {
    const empty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    if (value === null || value === '' || empty || (key === 'generation' && value === 0)) delete metadata[key];
  }
}

function store(core: Core, target: Target, object: ApiObject, write: WriteOptions): ApiObject {
  const { info } = target;
  const table = tableOf(info);
  const key = keyOf(target.namespace, target.name);
  if (core.store.get(table, key) !== undefined) throw alreadyExists(info, target.name);
  core.hooks.beforeStore({ info, operation: 'CREATE', object, old: undefined, dryRun: write.context.dryRun });
  if (write.context.dryRun) return orderedForAnswer(info, object);
  try {
    return served(info, core.store.put(table, key, toStored(info, object), 0));
  } catch (error) {
    if (error instanceof StoreConflict) throw alreadyExists(info, target.name);
    throw error;
  }
}

export function orderedForAnswer(info: ResourceInfo, object: ApiObject): ApiObject {
  const { kind: _kind, apiVersion: _version, ...rest } = object;
  return { kind: info.kind, apiVersion: groupVersion(info.group, info.version), ...rest } as ApiObject;
}
