/** The life of a volume after its making: free, bound, released, removed; and the finalizers that hold volumes and claims in use. */
import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts';
import { type ControllerContext, isPodOver, type Running } from '../controllers/common.ts';
import { ignoreNotFound } from '../runtime/api.ts';
import { createController, ownKey } from '../runtime/controller.ts';
import {
  type Key,
  keyOf,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  type Stored,
} from '../runtime/resources.ts';
import { claimNames } from '../scheduler/scheduler.ts';
import type { Provisioner } from './provisioner.ts';

const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection';
const VOLUME_FINALIZER = 'kubernetes.io/pv-protection';

function without(finalizers: readonly string[] | undefined, name: string): string[] | null {
  const left = (finalizers ?? []).filter((each) => each !== name);
  return left.length > 0 ? left : null;
}

export function startVolumes({ api, caches, log }: ControllerContext, provisioner: Provisioner | undefined): Running {
  const claims = caches.of(PERSISTENT_VOLUME_CLAIMS);
  const volumes = caches.of(PERSISTENT_VOLUMES);

  const claimOf = (volume: Stored<PersistentVolume>): Stored<PersistentVolumeClaim> | undefined => {
    const { claimRef } = volume.spec ?? {};
    const claim = claimRef && claims.get({ namespace: claimRef.namespace ?? '', name: claimRef.name ?? '' });
    return claim && (claimRef.uid === undefined || claimRef.uid === claim.metadata.uid) ? claim : undefined;
  };
  const setPhase = async (volume: Stored<PersistentVolume>, phase: string) => {
    if (volume.status?.phase !== phase)
      await api.patch(PERSISTENT_VOLUMES, keyOf(volume), { status: { phase } }, 'status');
  };
  const reconcile = async (key: Key): Promise<undefined> => {
    const volume = volumes.get(key);
    if (!volume) return undefined;
    const { claimRef, persistentVolumeReclaimPolicy } = volume.spec ?? {};
    if (volume.metadata.deletionTimestamp !== undefined) {
      if (claimOf(volume) || !volume.metadata.finalizers?.includes(VOLUME_FINALIZER)) return undefined;
      const finalizers = without(volume.metadata.finalizers, VOLUME_FINALIZER);
      await ignoreNotFound(api.patch(PERSISTENT_VOLUMES, key, { metadata: { finalizers } }));
      return undefined;
    }
    if (!claimRef) await setPhase(volume, 'Available');
    else if (claimRef.uid !== undefined && !claimOf(volume)) {
      await setPhase(volume, 'Released');
      if (persistentVolumeReclaimPolicy === 'Delete' && provisioner?.path(volume) !== undefined) {
        await provisioner.remove(volume);
        await ignoreNotFound(api.delete(PERSISTENT_VOLUMES, key, { uid: volume.metadata.uid }));
      }
    }
    return undefined;
  };
  const controller = createController('volumes', reconcile, log);
  controller.watch(volumes, ownKey);
  controller.watch(claims, ({ object, previous }) => {
    const name = (object ?? previous)?.spec?.volumeName;
    return name ? [{ namespace: '', name }] : [];
  });
  return controller;
}

/** A claim that is being deleted goes when no pod uses it any more. */
export function startClaimProtection({ api, caches, log }: ControllerContext): Running {
  const claims = caches.of(PERSISTENT_VOLUME_CLAIMS);
  const pods = caches.of(PODS);

  const reconcile = async (key: Key): Promise<undefined> => {
    const claim = claims.get(key);
    if (claim?.metadata.deletionTimestamp === undefined || !claim.metadata.finalizers?.includes(CLAIM_FINALIZER))
      return undefined;
    const used = pods
      .list(key.namespace)
      .some((pod) => pod.spec?.nodeName && !isPodOver(pod) && claimNames(pod).includes(key.name));
    if (used) return undefined;
    const finalizers = without(claim.metadata.finalizers, CLAIM_FINALIZER);
    await ignoreNotFound(
      api.patch(PERSISTENT_VOLUME_CLAIMS, key, { metadata: { uid: claim.metadata.uid, finalizers } }),
    );
    return undefined;
  };
  const controller = createController('claim-protection', reconcile, log);
  controller.watch(claims, ownKey);
  controller.watch(pods, ({ object, previous }) => {
    const pod = object ?? previous;
    return pod ? claimNames(pod).map((name) => ({ namespace: pod.metadata.namespace ?? '', name })) : [];
  });
  return controller;
}
