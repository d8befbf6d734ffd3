/**
 * Every change of an object that is there: PUT, PATCH, apply, subresources. The change is computed from the version
 * that is there now; when another write comes in between, it is computed again, unless the client named a version.
 */

import { groupVersion } from '../decode/body.ts';
import { validateMetadataUpdate } from '../meta/validate.ts';
import { conflict, invalid, MODIFIED, notFound } from '../registry/errors.ts';
import type { ApiObject, FieldError, ResourceInfo, Subresource } from '../registry/types.ts';
import type { Entry } from '../storage/entry.ts';
import { StoreConflict } from '../storage/store.ts';
import { admit } from './admission.ts';
import { type Core, keyOf, sameObject, served, type Target, tableOf, toStored, type WriteOptions } from './core.ts';
import { createObject, dropEmptyMetadata, orderedForAnswer } from './create.ts';

export interface UpdateInput {
  core: Core;
  target: Target;
  write: WriteOptions;
  verb: 'update' | 'patch';
  /** The object wanted, from the one that is there (a copy) or from nothing. `managed`: managedFields are right already. */
  change(live: ApiObject | undefined): { object: ApiObject; managed?: boolean };
  /** What to do when there is no such object. */
  missing: 'create' | 'refuse';
}

const MAX_ATTEMPTS = 20;

export interface UpdateResult {
  object: ApiObject;
  created: boolean;
}

export async function updateObject(input: UpdateInput): Promise<UpdateResult> {
  const { core, target } = input;
  const table = tableOf(target.info);
  const key = keyOf(target.namespace, target.name);
  for (let attempt = 1; ; attempt += 1) {
    const entry = core.store.get(table, key);
    if (entry === undefined) return { object: await createInstead(input), created: true };
    try {
      return { object: await changeEntry(input, entry), created: false };
    } catch (error) {
      if (!(error instanceof StoreConflict)) throw error;
      if (attempt >= MAX_ATTEMPTS) throw conflict(target.info.group, target.info.resource, target.name, MODIFIED);
    }
  }
}

function createInstead(input: UpdateInput): Promise<ApiObject> {
  const { core, target, write } = input;
  if (input.missing === 'refuse') throw notFound(target.info, target.name);
  const { object, managed } = input.change(undefined);
  const uid = object.metadata.uid ?? '';
  if (uid !== '') throw preconditionFailed(target.info, target, uid, '');
  delete object.metadata.resourceVersion;
  return createObject({ core, target, object, write, ...(managed === undefined ? {} : { managed }) });
}

function preconditionFailed(info: ResourceInfo, target: Target, wanted: string, found: string): Error {
  const folder = info.custom === true ? `${info.group}/${info.resource}` : info.resource;
  const key = `/registry/${folder}/${keyOf(target.namespace, target.name)}`;
  const why =
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ` +
    `UID in precondition: ${wanted}, UID in object meta: ${found}`;
  return conflict(info.group, info.resource, target.name, why);
}

async function changeEntry(input: UpdateInput, entry: Entry): Promise<ApiObject> {
  const { core, target, write } = input;
  const { info } = target;
  const live = served(info, entry);
  const changed = input.change(served(info, entry));
  const next = changed.object;
  checkPreconditions(input, next, live);
  keepMetadata(next, live);
  info.strategy.setDefaults?.(next);
  if (target.subresource === undefined) keepStatus(info, next, live);
  if (changed.managed !== true) track(input, next, live);
  await admit(core, 'mutating', target, write, { operation: 'UPDATE', verb: input.verb, object: next, old: live });
  info.strategy.setDefaults?.(next);
  applyStrategy(input, next, live);
  dropEmptyMetadata(next);
  const errors = validate(input, next, live);
  if (errors.length > 0) throw invalid(info.group, info.kind, target.name, errors);
  for (const warning of info.strategy.warnings?.(next) ?? []) write.context.warn(warning);
  await admit(core, 'validating', target, write, { operation: 'UPDATE', verb: input.verb, object: next, old: live });
  return commit(input, entry, next, live);
}

function checkPreconditions({ target, verb }: UpdateInput, next: ApiObject, live: ApiObject): void {
  const { info } = target;
  const uid = next.metadata.uid ?? '';
  if (verb === 'update' && uid !== '' && uid !== live.metadata.uid)
    throw preconditionFailed(info, target, uid, live.metadata.uid ?? '');
  const version = next.metadata.resourceVersion ?? '';
  if (version !== '' && version !== '0' && version !== live.metadata.resourceVersion) {
    throw conflict(info.group, info.resource, target.name, MODIFIED);
  }
  if (version === '' && info.strategy.versionRequired === true && target.subresource !== 'scale') {
    const message = 'Invalid value: 0x0: must be specified for an update';
    throw invalid(info.group, info.resource, target.name, [
      { field: 'metadata.resourceVersion', reason: 'FieldValueInvalid', message },
    ]);
  }
}

/** What a client may leave out or cannot change. */
function keepMetadata(next: ApiObject, live: ApiObject): void {
  const [meta, before] = [next.metadata, live.metadata];
  meta.name ??= before.name ?? '';
  if (before.namespace !== undefined) meta.namespace ??= before.namespace;
  if ((meta.uid ?? '') === '' && before.uid !== undefined) meta.uid = before.uid;
  if ((meta.creationTimestamp ?? '') === '' && before.creationTimestamp !== undefined) {
    meta.creationTimestamp = before.creationTimestamp;
  }
  if (before.deletionTimestamp === undefined) delete meta.deletionTimestamp;
  else meta.deletionTimestamp ??= before.deletionTimestamp;
  if (before.deletionGracePeriodSeconds === undefined) delete meta.deletionGracePeriodSeconds;
  else meta.deletionGracePeriodSeconds ??= before.deletionGracePeriodSeconds;
  if (before.generation === undefined) delete meta.generation;
  else meta.generation = before.generation;
  if (before.resourceVersion !== undefined) meta.resourceVersion = before.resourceVersion;
  Reflect.deleteProperty(meta, 'selfLink');
}

function keepStatus(info: ResourceInfo, next: ApiObject, live: ApiObject): void {
  if (!info.subresources.includes('status')) return;
  if (live.status === undefined) delete next.status;
  else next.status = structuredClone(live.status);
}

function handlerOf({ info, subresource }: Target): Subresource | undefined {
  return subresource === undefined ? undefined : info.subresourceHandlers?.[subresource];
}

/** A custom resource's handler of Scale keeps managedFields itself. */
function track(input: UpdateInput, next: ApiObject, live: ApiObject): void {
  const { core, target, write } = input;
  const { info } = target;
  if (info.custom === true && handlerOf(target)?.write !== undefined) return;
  const fields = core.hooks.trackUpdate({
    live,
    next,
    manager: write.context.fieldManager,
    ...(target.subresource === undefined ? {} : { subresource: target.subresource }),
    apiVersion: groupVersion(info.group, info.version),
    schema: info.schema,
    hasStatus: info.subresources.includes('status'),
    now: core.now(),
  });
  if (fields.length > 0) next.metadata.managedFields = fields;
  else delete next.metadata.managedFields;
}

function applyStrategy({ target, write }: UpdateInput, next: ApiObject, live: ApiObject): void {
  const { strategy } = target.info;
  if (handlerOf(target)?.verbatim === true) return;
  if (target.subresource !== 'status') {
    strategy.prepareForUpdate?.(next, live, write.context);
    return;
  }
  const { managedFields } = next.metadata;
  strategy.prepareForStatusUpdate?.(next, live);
  if (managedFields !== undefined) next.metadata.managedFields = managedFields;
}

function validate({ target, write }: UpdateInput, next: ApiObject, live: ApiObject): FieldError[] {
  const { strategy } = target.info;
  const metadata = validateMetadataUpdate(next, live);
  if (target.subresource === 'status') return [...metadata, ...(strategy.validateStatusUpdate?.(next, live) ?? [])];
  return [...metadata, ...(strategy.validateUpdate?.(next, live, write.context) ?? [])];
}

/** Whether the last thing that held an object under deletion went away with this write. */
function isGone(info: ResourceInfo, next: ApiObject): boolean {
  const { metadata } = next;
  if (metadata.deletionTimestamp === undefined) return false;
  if ((metadata.finalizers ?? []).length > 0 || info.strategy.heldBySpec?.(next) === true) return false;
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

function commit({ core, target, write }: UpdateInput, entry: Entry, next: ApiObject, live: ApiObject): ApiObject {
  const { info } = target;
  const table = tableOf(info);
  core.hooks.beforeStore({ info, operation: 'UPDATE', object: next, old: live, dryRun: write.context.dryRun });
  if (sameObject(next, live)) return live;
  if (write.context.dryRun) return orderedForAnswer(info, next);
  if (isGone(info, next)) {
    core.store.remove(table, entry.key, entry.version);
    return orderedForAnswer(info, next);
  }
  return served(info, core.store.put(table, entry.key, toStored(info, next), entry.version));
}
