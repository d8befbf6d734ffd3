import { persistentVolumeClaimSpec, typedLocalObjectReference } from '../../kubernetes/index.ts';
import { array, as, boolean, intOrString, map, object, required, type Static, string } from '../../schema/nodes.ts';
import { quantityPattern } from '../../schema/quantityPattern.ts';

/** A number with an optional unit, such as 512Mi. */
export const quantity = (description: string) => intOrString(description, { pattern: quantityPattern });

export const storageConfiguration = object('The volume for the data of each instance.', {
  pvcTemplate: as(
    persistentVolumeClaimSpec,
    'Template of the volume claim, for what size and storageClass cannot say.',
  ),
  resizeInUseVolumes: boolean('Grow volumes of running instances when size grows.', { default: true }),
  size: string('Size of the volume, such as 10Gi. It can grow and cannot shrink.'),
  storageClass: string('Storage class of the volume. Empty: the default one.'),
});
export type StorageConfiguration = Static<typeof storageConfiguration>;

export const walStorage = as(storageConfiguration, 'A separate volume for the WAL. It cannot be removed later.');

export const tablespaces = array(
  object('A tablespace on its own volume.', {
    name: required(string('Name of the tablespace in PostgreSQL.')),
    owner: object('Who owns the tablespace.', {
      name: string('The role that owns it. Empty: the application owner, or postgres.'),
    }),
    storage: required(as(storageConfiguration, 'The volume of the tablespace.')),
    temporary: boolean('Use it for temporary tables and files.', { default: false }),
  }),
  'Tablespaces, each on a volume of its own. They can be added and cannot be removed.',
);
export type Tablespace = Static<typeof tablespaces>[number];

/** The volumes that a recovery starts from. */
export const dataSource = object('Snapshots or claims that the new volumes are made from.', {
  storage: required(as(typedLocalObjectReference, 'Source of the data volume.')),
  tablespaceStorage: map(typedLocalObjectReference, 'Source of each tablespace volume, by name of the tablespace.'),
  walStorage: as(typedLocalObjectReference, 'Source of the WAL volume.'),
});
export type DataSource = Static<typeof dataSource>;

export const ephemeralVolumesSizeLimit = object('Limits of the volumes that end with the pod.', {
  shm: quantity('Limit of the shared memory volume.'),
  temporaryData: quantity('Limit of the volume for temporary files.'),
});
