import { parseQuantity, type StorageConfiguration } from '@matriarch/api';
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts';
import { expectedClaims } from '../../builders/pvc.ts';
import { claimName } from '../claims.ts';
import type { Step } from '../draft.ts';
import { createClaims } from './creation.ts';

/**
 * Claims grow with the spec. Comes before every step that looks at the health of instances: what stands still because a
 * volume is full goes on only when the volume grows.
 */
export const resize: Step = ({ snapshot, groups, actions }) => {
  for (const group of groups) {
    for (const expected of expectedClaims(snapshot.cluster, group.name)) {
      const claim = group.claims.find((each) => claimName(each) === expected.name);
      const spec = claim ? changedSpec(claim, expected.storage) : undefined;
      if (spec)
        actions.push({ kind: 'patch', resource: 'persistentVolumeClaims', name: expected.name, body: { spec } });
    }
  }
  return undefined;
};

/** Running instances get the claims that were added to the spec. */
export const addedVolumes: Step = (draft) => {
  for (const group of draft.groups) {
    if (group.pod && group.missing.length > 0) {
      createClaims(draft, group.serial, { only: group.missing, status: 'ready' });
    }
  }
  return undefined;
};

function changedSpec(claim: PersistentVolumeClaim, storage: StorageConfiguration): object | undefined {
  if (storage.resizeInUseVolumes === false) return undefined;
  const wanted = storage.size ?? storage.pvcTemplate?.resources?.requests?.storage;
  const current = claim.spec?.resources?.requests?.storage;
  const grows = isLarger(wanted, current);
  const attributes = storage.pvcTemplate?.volumeAttributesClassName;
  const changes = attributes !== undefined && attributes !== claim.spec?.volumeAttributesClassName;
  if (!grows && !changes) return undefined;
  return {
    ...(grows ? { resources: { requests: { storage: wanted } } } : {}),
    ...(changes ? { volumeAttributesClassName: attributes } : {}),
  };
}

/** Whether one quantity is larger than another; one that is missing or cannot be read is not. */
function isLarger(wanted: string | undefined, current: string | undefined): boolean {
  const [more, less] = [wanted, current].map((text) => (text === undefined ? undefined : parseQuantity(text)));
  return more !== undefined && less !== undefined && more > less;
}
