/**
 * DELETE. An object goes at once, unless something holds it: finalizers (its own, or those that a propagation policy
 * asks for), a grace period, or its spec (Namespace). Then it gets a deletionTimestamp and goes when the last one is gone.
 */

import { conflict, notFound } from '../registry/errors.ts';
import type { ApiObject, ObjectMeta, ResourceInfo } from '../registry/types.ts';
import type { Entry } from '../storage/entry.ts';
import { StoreConflict } from '../storage/store.ts';
import { admit } from './admission.ts';
import { type Core, keyOf, served, type Target, tableOf, timestamp, toStored, type WriteOptions } from './core.ts';
import { orderedForAnswer } from './create.ts';

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  orphanDependents?: boolean;
  preconditions?: { uid?: string; resourceVersion?: string };
}

export interface DeleteInput {
  core: Core;
  target: Target;
  write: WriteOptions;
  options: DeleteOptions;
  verb?: 'delete' | 'deletecollection';
}

export interface DeleteResult {
  /** The object as it is (held) or was (gone). */
  object: ApiObject;
  gone: boolean;
}

export async function deleteObject(input: DeleteInput): Promise<DeleteResult> {
  const { core, target } = input;
  for (;;) {
    const entry = core.store.get(tableOf(target.info), keyOf(target.namespace, target.name));
    if (entry === undefined) throw notFound(target.info, target.name);
    try {
      return await deleteEntry(input, entry);
    } catch (error) {
      if (!(error instanceof StoreConflict)) throw error;
    }
  }
}

async function deleteEntry(input: DeleteInput, entry: Entry): Promise<DeleteResult> {
  const { core, target, write, options } = input;
  const { info } = target;
  const old = served(info, entry);
  checkPreconditions(info, old, options);
  const change = { operation: 'DELETE' as const, verb: input.verb ?? 'delete', object: undefined, old };
  await admit(core, 'mutating', target, write, change);
  await admit(core, 'validating', target, write, change);
  const next = mark(info, served(info, entry), options, core.now());
  if (next.done) return { object: old, gone: false };
  if (next.gone) {
    if (!write.context.dryRun) core.store.remove(tableOf(info), entry.key, entry.version, stored(info, next.object));
    return { object: orderedForAnswer(info, next.object), gone: true };
  }
  if (write.context.dryRun) return { object: orderedForAnswer(info, next.object), gone: false };
  const put = core.store.put(tableOf(info), entry.key, stored(info, next.object), entry.version);
  return { object: served(info, put), gone: false };
}

const stored = (info: ResourceInfo, object: ApiObject): ApiObject => toStored(info, structuredClone(object));

function checkPreconditions(info: ResourceInfo, old: ApiObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion, name } = old.metadata;
  const wantedUid = preconditions?.uid;
  if (wantedUid !== undefined && wantedUid !== uid) {
    const why =
      `the UID in the precondition (${wantedUid}) does not match the UID in record (${uid ?? ''}). ` +
      'The object might have been deleted and then recreated';
    throw conflict(info.group, info.kind, name ?? '', why);
  }
  const wantedVersion = preconditions?.resourceVersion;
  if (wantedVersion !== undefined && wantedVersion !== resourceVersion) {
    const why =
      `the ResourceVersion in the precondition (${wantedVersion}) does not match the ResourceVersion in record ` +
      `(${resourceVersion ?? ''}). The object might have been modified`;
    throw conflict(info.group, info.kind, name ?? '', why);
  }
}

interface Marked {
  object: ApiObject;
  /** Nothing holds it. */
  gone: boolean;
  /** Nothing is to be written: it is under deletion already. */
  done: boolean;
}

/** Changes `object` to what the deletion makes of it. */
function mark(info: ResourceInfo, object: ApiObject, options: DeleteOptions, now: Date): Marked {
  const { metadata } = object;
  const grace = info.strategy.gracePeriodSeconds?.(object, options.gracePeriodSeconds);
  const finalizersChanged = setPolicyFinalizers(metadata, options, info);
  const held = (metadata.finalizers ?? []).length > 0;
  if (info.strategy.heldBySpec?.(object) === true) return markHeldBySpec(info, object, now);
  if (metadata.deletionTimestamp !== undefined) return markAgain(object, grace, held, finalizersChanged, now);
  if (grace === undefined && !held) return { object, gone: true, done: false };
  setDeletion(metadata, grace ?? 0, now);
  info.strategy.beginDeletion?.(object);
  return { object, gone: !held && (grace ?? 0) === 0, done: false };
}

function markHeldBySpec(info: ResourceInfo, object: ApiObject, now: Date): Marked {
  if (object.metadata.deletionTimestamp !== undefined) return { object, gone: false, done: true };
  object.metadata.deletionTimestamp = timestamp(now);
  info.strategy.beginDeletion?.(object);
  return { object, gone: false, done: false };
}

/** A second DELETE can only make the grace period shorter, or change the policy. */
function markAgain(object: ApiObject, grace: number | undefined, held: boolean, changed: boolean, now: Date): Marked {
  const { metadata } = object;
  const before = metadata.deletionGracePeriodSeconds ?? 0;
  if (grace !== undefined && grace < before) {
    const started = new Date(metadata.deletionTimestamp ?? now).getTime() - before * 1000;
    metadata.deletionTimestamp = timestamp(new Date(started + grace * 1000));
    metadata.deletionGracePeriodSeconds = grace;
    return { object, gone: !held && grace === 0, done: false };
  }
  const gone = !held && before === 0;
  return { object, gone, done: !gone && !changed };
}

function setDeletion(metadata: ObjectMeta, grace: number, now: Date): void {
  metadata.deletionTimestamp = timestamp(new Date(now.getTime() + grace * 1000));
  metadata.deletionGracePeriodSeconds = grace;
  if ((metadata.generation ?? 0) > 0) metadata.generation = (metadata.generation ?? 0) + 1;
}

/** Whether the finalizers that carry the policy changed. */
function setPolicyFinalizers(metadata: ObjectMeta, options: DeleteOptions, info: ResourceInfo): boolean {
  const before = metadata.finalizers ?? [];
  const policy = policyOf(options, before, info);
  const rest = before.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion');
  const added = policy === 'Orphan' ? ['orphan'] : policy === 'Foreground' ? ['foregroundDeletion'] : [];
  const after = [...rest, ...added];
  if (after.length === before.length && after.every((name) => before.includes(name))) return false;
  if (after.length > 0) metadata.finalizers = after;
  else delete metadata.finalizers;
  return true;
}

function policyOf(options: DeleteOptions, finalizers: readonly string[], info: ResourceInfo): string {
  if (options.propagationPolicy !== undefined) return options.propagationPolicy;
  if (options.orphanDependents === true) return 'Orphan';
  if (options.orphanDependents === false) return 'Background';
  if (finalizers.includes('orphan')) return 'Orphan';
  if (finalizers.includes('foregroundDeletion')) return 'Foreground';
  return info.strategy.defaultPropagation ?? 'Background';
}
