/**
 * Garbage collection.
 * - An object whose owners are all gone is deleted. One of whose owners only some are gone loses those references.
 * - Background: the owner goes at once, what it owned follows by the first rule.
 * - Foreground (finalizer `foregroundDeletion`): what it owns goes first; the owner waits for those that block it.
 * - Orphan (finalizer `orphan`): what it owns loses the reference, then the owner goes.
 */
import type { OwnerReference } from 'kubernetes-types/meta/v1.d.ts';
import { ignoreNotFound, isConflict } from '../runtime/api.ts';
import { createController } from '../runtime/controller.ts';
import { type Key, keyOf } from '../runtime/resources.ts';
import type { ControllerContext, Running } from './common.ts';
import type { Member, Universe } from './universe.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

type Verdict = 'solid' | 'dangling' | 'waiting';

/** What one owner reference is worth. */
export function judge(reference: OwnerReference, dependent: Member, universe: Universe): Verdict {
  const kind = universe.kind(reference.apiVersion, reference.kind);
  // A kind nobody knows may come back with its definition: nothing is deleted for it.
  if (!kind) return 'solid';
  const owner = universe.get(reference.uid);
  const elsewhere = kind.namespaced && owner?.object.metadata.namespace !== dependent.object.metadata.namespace;
  if (!owner || elsewhere) return 'dangling';
  const { deletionTimestamp, finalizers } = owner.object.metadata;
  const foreground = deletionTimestamp !== undefined && finalizers?.includes(FOREGROUND);
  return foreground ? 'waiting' : 'solid';
}

function isDeleting({ object }: Member, finalizer: string): boolean {
  return object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers?.includes(finalizer) ?? false);
}

export function startGarbageCollector({ api, log }: ControllerContext, universe: Universe): Running {
  const patchMetadata = (member: Member, metadata: object) => {
    const { uid, resourceVersion } = member.object.metadata;
    return ignoreNotFound(
      api.patch(member.resource, keyOf(member.object), { metadata: { uid, resourceVersion, ...metadata } }),
    );
  };
  const removeFinalizer = (member: Member, name: string) => {
    const left = (member.object.metadata.finalizers ?? []).filter((each) => each !== name);
    return patchMetadata(member, { finalizers: left.length > 0 ? left : null });
  };
  const keepReferences = (member: Member, keep: (reference: OwnerReference) => boolean) => {
    const left = (member.object.metadata.ownerReferences ?? []).filter(keep);
    return patchMetadata(member, { ownerReferences: left.length > 0 ? left : null });
  };

  const asOwner = async (owner: Member) => {
    const { uid } = owner.object.metadata;
    const dependents = universe.dependents(uid);
    if (isDeleting(owner, ORPHAN)) {
      for (const each of dependents) await keepReferences(each, (reference) => reference.uid !== uid);
      await removeFinalizer(owner, ORPHAN);
    } else if (isDeleting(owner, FOREGROUND)) {
      const blocking = dependents.filter(({ object }) =>
        object.metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion),
      );
      if (blocking.length === 0) await removeFinalizer(owner, FOREGROUND);
      else for (const { object } of dependents) enqueue(object.metadata.uid);
    }
  };
  const asDependent = async (member: Member) => {
    const { metadata } = member.object;
    const references = metadata.ownerReferences ?? [];
    if (references.length === 0 || metadata.deletionTimestamp !== undefined) return;
    const verdicts = new Map(references.map((reference) => [reference, judge(reference, member, universe)]));
    const solid = references.filter((reference) => verdicts.get(reference) === 'solid');
    if (solid.length === references.length) return;
    if (solid.length > 0) return keepReferences(member, (reference) => verdicts.get(reference) === 'solid');
    const waiting = references.some((reference) => verdicts.get(reference) === 'waiting');
    const propagationPolicy = waiting && universe.dependents(metadata.uid).length > 0 ? 'Foreground' : 'Background';
    await ignoreNotFound(api.delete(member.resource, keyOf(member.object), { uid: metadata.uid, propagationPolicy }));
  };
  const reconcile = async ({ name: uid }: Key): Promise<undefined> => {
    const member = universe.get(uid);
    if (!member) return undefined;
    try {
      await asOwner(member);
      await asDependent(member);
    } catch (error) {
      if (!isConflict(error)) throw error;
      enqueue(uid);
    }
    return undefined;
  };

  const controller = createController('garbage-collector', reconcile, log);
  const enqueue = (uid: string) => controller.enqueue({ namespace: '', name: uid });
  universe.onChange((member, previous, gone) => {
    const { uid, ownerReferences, deletionTimestamp } = member.object.metadata;
    if (gone) {
      for (const each of universe.dependents(uid)) enqueue(each.object.metadata.uid);
      for (const reference of ownerReferences ?? []) enqueue(reference.uid);
      return;
    }
    if (deletionTimestamp !== undefined || ownerReferences !== undefined) enqueue(uid);
    // A dependent that lets go of its owner may set it free.
    for (const reference of previous?.object.metadata.ownerReferences ?? []) enqueue(reference.uid);
  });
  return controller;
}
