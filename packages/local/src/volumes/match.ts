/** Which volume a claim may have. Pure. */
import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts';
import { quantity } from '../runtime/quantity.ts';
import type { Stored } from '../runtime/resources.ts';
import { matchesSelector } from '../runtime/selector.ts';

export function isClaimedBy(volume: Stored<PersistentVolume>, claim: Stored<PersistentVolumeClaim>): boolean {
  const { claimRef } = volume.spec ?? {};
  if (claimRef?.name !== claim.metadata.name || claimRef.namespace !== claim.metadata.namespace) return false;
  return claimRef.uid === undefined || claimRef.uid === claim.metadata.uid;
}

function suits(volume: Stored<PersistentVolume>, claim: Stored<PersistentVolumeClaim>): boolean {
  const { spec } = claim;
  const wanted = quantity(spec?.resources?.requests?.storage);
  return (
    volume.metadata.deletionTimestamp === undefined &&
    volume.spec?.claimRef === undefined &&
    volume.status?.phase === 'Available' &&
    (volume.spec?.storageClassName ?? '') === (spec?.storageClassName ?? '') &&
    (volume.spec?.volumeMode ?? 'Filesystem') === (spec?.volumeMode ?? 'Filesystem') &&
    (spec?.accessModes ?? []).every((mode) => volume.spec?.accessModes?.includes(mode)) &&
    quantity(volume.spec?.capacity?.storage) >= wanted &&
    (spec?.selector === undefined || matchesSelector(spec.selector, volume.metadata.labels))
  );
}

/** A volume reserved for the claim, else the smallest one that suits it. */
export function volumeFor(
  claim: Stored<PersistentVolumeClaim>,
  volumes: readonly Stored<PersistentVolume>[],
): Stored<PersistentVolume> | undefined {
  const named = claim.spec?.volumeName;
  if (named)
    return volumes.find(
      (volume) => volume.metadata.name === named && (isClaimedBy(volume, claim) || !volume.spec?.claimRef),
    );
  const size = (volume: Stored<PersistentVolume>) => quantity(volume.spec?.capacity?.storage);
  return (
    volumes.find((volume) => isClaimedBy(volume, claim)) ??
    volumes.filter((volume) => suits(volume, claim)).sort((a, b) => size(a) - size(b))[0]
  );
}
