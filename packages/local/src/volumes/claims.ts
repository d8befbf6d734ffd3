/**
 * Binds claims to volumes, has volumes made where a StorageClass says so, and lets them grow.
 *
 * The volume is bound first (claimRef), then the claim (volumeName): after a crash between the two the volume is found again by
 * its claimRef.
 */
import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts';
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts';
import type { ControllerContext, Running } from '../controllers/common.ts';
import { isAlreadyExists } from '../runtime/api.ts';
import { createController, ownKey } from '../runtime/controller.ts';
import { subjectOf } from '../runtime/events.ts';
import { quantity } from '../runtime/quantity.ts';
import {
  type Key,
  keyOf,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  STORAGE_CLASSES,
  type Stored,
} from '../runtime/resources.ts';
import { SELECTED_NODE } from '../scheduler/snapshot.ts';
import { volumeFor } from './match.ts';
import type { Provisioner } from './provisioner.ts';

type Claim = Stored<PersistentVolumeClaim>;
type Volume = Stored<PersistentVolume>;

const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
const BOUND_BY = 'pv.kubernetes.io/bound-by-controller';
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';
const EVENT_EVERY_MS = 15_000;

/** An error with what led to it, as one sentence. */
function causes(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${causes(error.cause)}` : error.message;
}

/** Without a provisioner only volumes that somebody else made are bound. */
export function startClaims(context: ControllerContext, provisioner: Provisioner | undefined): Running {
  const { api, caches, log } = context;
  const claims = caches.of(PERSISTENT_VOLUME_CLAIMS);
  const volumes = caches.of(PERSISTENT_VOLUMES);
  const classes = caches.of(STORAGE_CLASSES);
  const nodes = caches.of(NODES);
  const events = context.events('persistentvolume-controller');

  const tell = (claim: Claim, type: 'Normal' | 'Warning', reason: string, message: string) =>
    events.record(subjectOf(claim, 'v1', 'PersistentVolumeClaim'), type, reason, message);

  const bind = async (claim: Claim, volume: Volume) => {
    const { namespace = '', name, uid, resourceVersion } = claim.metadata;
    const key = keyOf(volume);
    let bound = volume;
    if (volume.spec?.claimRef?.uid !== uid) {
      bound = await api.patch(PERSISTENT_VOLUMES, key, {
        metadata: { resourceVersion: volume.metadata.resourceVersion, annotations: { [BOUND_BY]: 'yes' } },
        spec: { claimRef: { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion } },
      });
    }
    if (bound.status?.phase !== 'Bound')
      await api.patch(PERSISTENT_VOLUMES, key, { status: { phase: 'Bound' } }, 'status');
    const annotations = claim.spec?.volumeName
      ? { [BIND_COMPLETED]: 'yes' }
      : { [BIND_COMPLETED]: 'yes', [BOUND_BY]: 'yes' };
    if (claim.metadata.annotations?.[BIND_COMPLETED] === undefined) {
      await api.patch(PERSISTENT_VOLUME_CLAIMS, keyOf(claim), {
        metadata: { uid, annotations },
        spec: { volumeName: key.name },
      });
    }
    const { accessModes, capacity } = volume.spec ?? {};
    await api.patch(
      PERSISTENT_VOLUME_CLAIMS,
      keyOf(claim),
      { status: { phase: 'Bound', accessModes, capacity } },
      'status',
    );
  };

  /** Has a volume made, or says what the claim waits for. */
  const provision = async (claim: Claim): Promise<number | undefined> => {
    const className = claim.spec?.storageClassName ?? '';
    const storageClass = classes.get({ namespace: '', name: className });
    if (!storageClass) {
      const message =
        className === ''
          ? 'no persistent volumes available for this claim and no storage class is set'
          : `storageclass.storage.k8s.io "${className}" not found`;
      tell(
        claim,
        className === '' ? 'Normal' : 'Warning',
        className === '' ? 'FailedBinding' : 'ProvisioningFailed',
        message,
      );
      return EVENT_EVERY_MS;
    }
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && selected === undefined) {
      tell(claim, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
      return EVENT_EVERY_MS;
    }
    if (!provisioner || storageClass.provisioner === NO_PROVISIONER) return undefined;
    await make(claim, storageClass, selected, provisioner);
    return undefined;
  };
  const make = async (
    claim: Claim,
    storageClass: Stored<StorageClass>,
    selected: string | undefined,
    by: Provisioner,
  ) => {
    const node = selected === undefined ? undefined : nodes.get({ namespace: '', name: selected });
    if (selected !== undefined && !node) {
      // The node went away meanwhile: the scheduler is to choose again.
      await api.patch(PERSISTENT_VOLUME_CLAIMS, keyOf(claim), { metadata: { annotations: { [SELECTED_NODE]: null } } });
      return;
    }
    const description = await by.provision(claim, storageClass, node).catch((error: unknown) => {
      tell(claim, 'Warning', 'ProvisioningFailed', `failed to provision volume: ${causes(error)}`);
      throw error;
    });
    const name = description.metadata?.name ?? '';
    try {
      await api.create(PERSISTENT_VOLUMES, '', description);
      tell(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    const volume = volumes.get({ namespace: '', name });
    if (volume) await bind(claim, volume);
  };

  const grow = async (claim: Claim, volume: Volume) => {
    const wanted = claim.spec?.resources?.requests?.storage;
    if (wanted === undefined || quantity(wanted) <= quantity(claim.status?.capacity?.storage)) return;
    const storageClass = classes.get({ namespace: '', name: claim.spec?.storageClassName ?? '' });
    if (!storageClass?.allowVolumeExpansion || provisioner?.path(volume) === undefined) return;
    await provisioner.grow(volume, quantity(wanted)).catch((error: unknown) => {
      tell(claim, 'Warning', 'VolumeResizeFailed', `failed to expand volume: ${causes(error)}`);
      throw error;
    });
    if (quantity(volume.spec?.capacity?.storage) < quantity(wanted)) {
      await api.patch(PERSISTENT_VOLUMES, keyOf(volume), { spec: { capacity: { storage: wanted } } });
    }
    await api.patch(
      PERSISTENT_VOLUME_CLAIMS,
      keyOf(claim),
      { status: { capacity: { storage: wanted }, conditions: null } },
      'status',
    );
    const message = `MountVolume.NodeExpandVolume succeeded for volume "${volume.metadata.name}"`;
    tell(claim, 'Normal', 'FileSystemResizeSuccessful', message);
  };

  const reconcile = async (key: Key): Promise<number | undefined> => {
    const claim = claims.get(key);
    if (!claim || claim.metadata.deletionTimestamp !== undefined) return undefined;
    const volume = volumeFor(claim, volumes.list());
    if (claim.status?.phase === 'Bound') {
      if (volume) await grow(claim, volume);
      else await api.patch(PERSISTENT_VOLUME_CLAIMS, key, { status: { phase: 'Lost' } }, 'status');
      return undefined;
    }
    if (volume) {
      await bind(claim, volume);
      return undefined;
    }
    return claim.spec?.volumeName ? undefined : provision(claim);
  };

  const controller = createController('volume-claims', reconcile, log);
  controller.watch(claims, ownKey);
  const pending = () =>
    claims
      .list()
      .filter(({ status }) => status?.phase !== 'Bound')
      .map(keyOf);
  controller.watch(classes, pending);
  controller.watch(volumes, ({ object, previous }) => {
    const { claimRef } = (object ?? previous)?.spec ?? {};
    return claimRef ? [{ namespace: claimRef.namespace ?? '', name: claimRef.name ?? '' }] : pending();
  });
  return controller;
}
