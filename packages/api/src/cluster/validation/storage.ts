// Rules on volumes and tablespaces.
import { duplicate, each, type FieldError, invalid, repeated } from '../../validation/errors.ts';
import { parseQuantity, type Quantity } from '../../values/quantity.ts';
import { tablespaceVolumeName } from '../effective/names.ts';
import type { StorageConfiguration } from '../schema/storage.ts';
import type { ClusterRule } from './rule.ts';

/** The size that a volume is asked for; undefined when there is none that can be read. */
export function volumeSize({ size = '', pvcTemplate }: StorageConfiguration): Quantity | undefined {
  return parseQuantity(size === '' ? (pvcTemplate?.resources?.requests?.storage ?? '') : size);
}

function sizeErrors(path: string, storage: StorageConfiguration): FieldError[] {
  const { size = '' } = storage;
  const quantity = volumeSize(storage);
  if (quantity !== undefined && quantity > 0n) return [];
  const remedy =
    size === '' ? 'set a size such as 10Gi, or pvcTemplate.resources.requests.storage' : 'write a size such as 10Gi';
  return [invalid(path, size, remedy)];
}

export const storageSize: ClusterRule = ({ spec }) => sizeErrors('spec.storage.size', spec.storage ?? {});

export const walStorageSize: ClusterRule = ({ spec }) =>
  spec.walStorage === undefined ? [] : sizeErrors('spec.walStorage.size', spec.walStorage);

export const tablespaceSizes: ClusterRule = ({ spec }) =>
  each(spec.tablespaces, ({ storage }, index) => sizeErrors(`spec.tablespaces[${index}].size`, storage));

export const temporaryData: ClusterRule = ({ spec }) => {
  const limit = spec.ephemeralVolumesSizeLimit?.temporaryData;
  if (spec.ephemeralVolumeSource === undefined || limit === undefined) return [];
  const detail = 'remove it or spec.ephemeralVolumeSource: both describe the volume for temporary files';
  return [duplicate('spec.ephemeralVolumesSizeLimit.temporaryData', limit, detail)];
};

export const tablespaceNames: ClusterRule = ({ spec }) =>
  each(spec.tablespaces, ({ name }, index) => {
    const path = `spec.tablespaces[${index}]`;
    const errors: FieldError[] = [];
    if (name.startsWith('pg_')) {
      errors.push(invalid(path, name, 'name: do not begin with pg_, which PostgreSQL keeps for itself'));
    }
    if (!/^[a-zA-Z_][a-zA-Z0-9_$]*$/.test(name)) {
      errors.push(invalid(path, name, 'name: begin with a letter or _; then letters, digits, _ and $ only'));
    }
    if (Buffer.byteLength(name) > 63) errors.push(invalid(path, name, 'name: use at most 63 bytes'));
    return errors;
  });

export const distinctTablespaces: ClusterRule = ({ spec: { tablespaces = [] } }) => {
  const sameName = repeated(tablespaces, ({ name }) => name.toLowerCase());
  const sameVolume = repeated(tablespaces, ({ name }) => tablespaceVolumeName(name));
  const same = new Set(sameName.map(([index]) => index));
  return [
    ...sameName.map(([index, { name }]) =>
      invalid(`spec.tablespaces[${index}]`, name, 'name: use each name once, whatever the case'),
    ),
    ...sameVolume
      .filter(([index]) => !same.has(index))
      .map(([index, { name }]) => {
        const detail = `name: its volume ${tablespaceVolumeName(name)} is that of another one; choose another name`;
        return invalid(`spec.tablespaces[${index}]`, name, detail);
      }),
  ];
};

export const snapshotClassesOfTablespaces: ClusterRule = ({ spec }) => {
  const declared = new Set((spec.tablespaces ?? []).map(({ name }) => name));
  return Object.keys(spec.backup?.volumeSnapshot?.tablespaceClassName ?? {})
    .filter((name) => !declared.has(name))
    .map((name) =>
      invalid(`spec.backup.volumeSnapshot.tablespaceClassName[${name}]`, name, 'name a tablespace of spec.tablespaces'),
    );
};

export const storageRules: readonly ClusterRule[] = [
  storageSize,
  walStorageSize,
  tablespaceSizes,
  temporaryData,
  tablespaceNames,
  distinctTablespaces,
  snapshotClassesOfTablespaces,
];
