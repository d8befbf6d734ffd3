// Rules on changes of a Cluster.
import { isDeepStrictEqual } from 'node:util';
import { type FieldError, forbidden, invalid, isSet } from '../../validation/errors.ts';
import { imageVersion } from '../effective/image.ts';
import { postgresGid, postgresUid } from '../effective/pods.ts';
import { areHighAvailabilitySlotsEnabled, areUserSlotsSynchronized, slotPrefix } from '../effective/replication.ts';
import { isReplicaCluster } from '../effective/roles.ts';
import { effectiveParameters } from '../parameters/merge.ts';
import type { StorageConfiguration } from '../schema/storage.ts';
import type { ClusterUpdateRule } from './rule.ts';
import { volumeSize } from './storage.ts';

/** The oldest version that data can be upgraded to. */
const oldestUpgradeTarget = 16;

export const majorVersion: ClusterUpdateRule = ({ spec, old }) => {
  const current = old.status?.pgDataImageInfo?.majorVersion;
  const wanted = spec.imageCatalogRef?.major ?? imageVersion(spec.imageName ?? '')?.major;
  if (current === undefined || wanted === undefined || wanted === current) return [];
  const [path, value] =
    spec.imageCatalogRef === undefined
      ? ['spec.imageName', spec.imageName]
      : ['spec.imageCatalogRef.major', spec.imageCatalogRef.major];
  if (wanted < current) {
    return [invalid(path, value, `use version ${current} or newer: data cannot go back to an older version`)];
  }
  if (wanted >= oldestUpgradeTarget) return [];
  return [invalid(path, value, `use version ${current}, or upgrade to ${oldestUpgradeTarget} or newer`)];
};

export const imageAndParameters: ClusterUpdateRule = ({ spec, cluster, old }) => {
  if (spec.primaryUpdateMethod !== 'switchover' || spec.imageName === old.spec.imageName) return [];
  if (isDeepStrictEqual({ ...effectiveParameters(cluster) }, { ...effectiveParameters(old) })) return [];
  const detail =
    'change the image and the parameters one after the other: with switchover both at once cannot be applied';
  return [invalid('spec.imageName', spec.imageName, detail)];
};

function shrinks(path: string, before: StorageConfiguration | undefined, after: StorageConfiguration | undefined) {
  if (before === undefined || after === undefined) return [];
  const [old, wanted] = [volumeSize(before), volumeSize(after)];
  if (old === undefined || wanted === undefined || wanted >= old) return [];
  const detail = `use at least ${before.size || 'the size in pvcTemplate'}: volumes can grow and not shrink`;
  return [invalid(path, after.size ?? '', detail)];
}

export const volumesGrow: ClusterUpdateRule = ({ spec, old }) => [
  ...shrinks('spec.storage.size', old.spec.storage, spec.storage),
  ...shrinks('spec.walStorage.size', old.spec.walStorage, spec.walStorage),
  ...(spec.tablespaces ?? []).flatMap(({ name, storage }, index) => {
    const before = old.spec.tablespaces?.find((tablespace) => tablespace.name === name);
    return shrinks(`spec.tablespaces[${index}].size`, before?.storage, storage);
  }),
];

export const walStorageStays: ClusterUpdateRule = ({ spec, old }) =>
  old.spec.walStorage !== undefined && spec.walStorage === undefined
    ? [invalid('spec.walStorage', null, 'put it back: the separate volume for the WAL cannot be removed')]
    : [];

export const tablespacesStay: ClusterUpdateRule = ({ spec, old }) => {
  const names = new Set((spec.tablespaces ?? []).map(({ name }) => name));
  const gone = (old.spec.tablespaces ?? []).filter(({ name }) => !names.has(name)).map(({ name }) => name);
  return gone.length === 0 ? [] : [invalid('spec.tablespaces', gone, 'put these back: tablespaces cannot be removed')];
};

export const userIdsStay: ClusterUpdateRule = ({ cluster, spec, old }) => {
  const ids = [
    ['postgresUID', postgresUid(old), postgresUid(cluster)],
    ['postgresGID', postgresGid(old), postgresGid(cluster)],
  ] as const;
  return ids
    .filter(([, before, after]) => before !== after)
    .map(([field, before]) => invalid(`spec.${field}`, spec[field], `keep ${before}: files belong to it already`));
};

export const slotsStay: ClusterUpdateRule = ({ cluster, spec, old }) => {
  const slots = spec.replicationSlots;
  const errors: FieldError[] = [];
  if (old.spec.replicationSlots?.highAvailability && areHighAvailabilitySlotsEnabled(old)) {
    const detail = 'put it back and set highAvailability.enabled to false first: slots would be left behind';
    if (slots === undefined) errors.push(invalid('spec.replicationSlots', null, detail));
    else if (slots.highAvailability === undefined) {
      errors.push(invalid('spec.replicationSlots.highAvailability', null, detail));
    } else if (slotPrefix(cluster) !== slotPrefix(old)) {
      const path = 'spec.replicationSlots.highAvailability.slotPrefix';
      errors.push(
        invalid(path, slots.highAvailability.slotPrefix, 'set enabled to false before you change the prefix'),
      );
    }
  }
  const hadSynchronized = old.spec.replicationSlots?.synchronizeReplicas && areUserSlotsSynchronized(old);
  if (hadSynchronized && slots?.synchronizeReplicas === undefined) {
    const detail = 'put it back and set enabled to false first: slots would be left behind';
    errors.push(invalid('spec.replicationSlots.synchronizeReplicas', null, detail));
  }
  return errors;
};

export const walLevelStays: ClusterUpdateRule = ({ cluster, old }) => {
  const [before, after] = [old, cluster].map((object) => object.spec.postgresql?.parameters?.wal_level);
  if (!isSet(before) || before === 'minimal' || after !== 'minimal') return [];
  return [invalid('spec.postgresql.parameters.wal_level', after, `keep ${before}: it cannot be lowered to minimal`)];
};

export const roleChange: ClusterUpdateRule = ({ cluster, old }) => {
  const isChanging = old.status?.switchReplicaClusterStatus?.inProgress === true;
  if (!isChanging || isReplicaCluster(cluster) === isReplicaCluster(old)) return [];
  return [forbidden('spec.replica.enabled', 'wait until the change between primary and replica that goes on is done')];
};

export const updateRules: readonly ClusterUpdateRule[] = [
  majorVersion,
  imageAndParameters,
  volumesGrow,
  walStorageStays,
  tablespacesStay,
  userIdsStay,
  slotsStay,
  walLevelStays,
  roleChange,
];
