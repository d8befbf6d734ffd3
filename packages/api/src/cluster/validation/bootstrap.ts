// Rules on how a Cluster begins.
import { each, type FieldError, forbidden, invalid, isSet } from '../../validation/errors.ts';
import { externalCluster } from '../effective/roles.ts';
import type { DataSource } from '../schema/storage.ts';
import type { ClusterRule } from './rule.ts';

const base = 'spec.bootstrap';
const methods = ['initdb', 'recovery', 'pg_basebackup'] as const;

export const oneMethod: ClusterRule = ({ spec }) => {
  const given = methods.filter((method) => spec.bootstrap?.[method] !== undefined);
  return given.length > 1 ? [forbidden(base, `keep only one of ${given.join(', ')}`)] : [];
};

export const databaseAndOwner: ClusterRule = ({ spec }) =>
  methods.flatMap((method): FieldError[] => {
    const { database, owner } = spec.bootstrap?.[method] ?? {};
    if (isSet(database) && !isSet(owner)) {
      return [invalid(`${base}.${method}.owner`, owner ?? '', `name the role that owns the database "${database}"`)];
    }
    if (isSet(owner) && !isSet(database)) {
      return [invalid(`${base}.${method}.database`, database ?? '', `name the database that "${owner}" owns`)];
    }
    return [];
  });

export const walSegmentSize: ClusterRule = ({ spec }) => {
  const size = spec.bootstrap?.initdb?.walSegmentSize ?? 0;
  if (size === 0 || Number.isInteger(Math.log2(size))) return [];
  return [invalid(`${base}.initdb.walSegmentSize`, size, 'use a power of 2, such as 16 or 64')];
};

export const applicationSqlRefs: ClusterRule = ({ spec }) => {
  const refs = spec.bootstrap?.initdb?.postInitApplicationSQLRefs;
  return (['secretRefs', 'configMapRefs'] as const).flatMap((list) =>
    each(refs?.[list], (ref, index) =>
      isSet(ref.name) && isSet(ref.key)
        ? []
        : [invalid(`${base}.initdb.postInitApplicationSQLRefs.${list}[${index}]`, ref, 'give both name and key')],
    ),
  );
};

export const baseBackupSource: ClusterRule = ({ cluster, spec }) => {
  const source = spec.bootstrap?.pg_basebackup?.source;
  if (source === undefined || externalCluster(cluster, source) !== undefined) return [];
  return [invalid(`${base}.pg_basebackup.source`, source, 'add a server of this name to spec.externalClusters')];
};

export const recoverySource: ClusterRule = ({ cluster, spec }) => {
  const source = spec.bootstrap?.recovery?.source;
  if (!isSet(source)) return [];
  const path = `${base}.recovery.source`;
  const external = externalCluster(cluster, source);
  const { connectionParameters, barmanObjectStore, plugin } = external ?? {};
  const errors: FieldError[] = [];
  if (external === undefined) errors.push(invalid(path, source, 'add a server of this name to spec.externalClusters'));
  if (connectionParameters === undefined && barmanObjectStore === undefined && plugin === undefined) {
    const detail = 'give that external cluster connectionParameters, barmanObjectStore or plugin';
    errors.push(invalid(path, source, detail));
  }
  return errors;
};

export const snapshotsExcludeBackup: ClusterRule = ({ spec }) => {
  const { volumeSnapshots, backup, recoveryTarget } = spec.bootstrap?.recovery ?? {};
  if (volumeSnapshots === undefined) return [];
  const errors: FieldError[] = [];
  if (backup !== undefined) {
    errors.push(invalid(`${base}.recovery.backup`, backup, 'remove it or volumeSnapshots: a recovery has one start'));
  }
  if (isSet(recoveryTarget?.backupID)) {
    const path = `${base}.recovery.recoveryTarget.backupID`;
    errors.push(invalid(path, recoveryTarget.backupID, 'remove it: volumeSnapshots already say what to start from'));
  }
  return errors;
};

const isSnapshotOrClaim = ({ apiGroup = '', kind }: DataSource['storage']) =>
  (apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot') ||
  (apiGroup === '' && kind === 'PersistentVolumeClaim');
const snapshotKinds =
  'use kind VolumeSnapshot with apiGroup snapshot.storage.k8s.io, or kind PersistentVolumeClaim without apiGroup';

export const snapshotSources: ClusterRule = ({ spec }) => {
  const { storage, walStorage } = spec.bootstrap?.recovery?.volumeSnapshots ?? {};
  const errors: FieldError[] = [];
  if (storage !== undefined && !isSnapshotOrClaim(storage)) {
    errors.push(invalid(`${base}.recovery.storage`, storage, `volumeSnapshots.storage: ${snapshotKinds}`));
  }
  if (walStorage === undefined) return errors;
  const path = `${base}.recovery.dataSource.walStorage`;
  if (!isSnapshotOrClaim(walStorage)) {
    errors.push(invalid(path, walStorage, `volumeSnapshots.walStorage: ${snapshotKinds}`));
  }
  if (spec.walStorage === undefined) {
    errors.push(invalid(path, walStorage, 'volumeSnapshots.walStorage: add spec.walStorage, or remove it here'));
  }
  return errors;
};

export const bootstrapRules: readonly ClusterRule[] = [
  oneMethod,
  databaseAndOwner,
  walSegmentSize,
  applicationSqlRefs,
  baseBackupSource,
  recoverySource,
  snapshotsExcludeBackup,
  snapshotSources,
];
