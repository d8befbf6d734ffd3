/** Makes volumes: a directory for each, or a file system of its own where the StorageClass names one. */
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Node, PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts';
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts';
import { quantity } from '../runtime/quantity.ts';
import type { Stored } from '../runtime/resources.ts';
import { type FileSystem, isFileSystem } from './filesystems.ts';
import type { SizedVolumes } from './sized.ts';

export interface Provisioner {
  /** Makes the directory and describes the volume; both can be repeated after a crash. */
  provision(
    claim: Stored<PersistentVolumeClaim>,
    storageClass: Stored<StorageClass>,
    node: Stored<Node> | undefined,
  ): Promise<PersistentVolume>;
  /** Directory of a volume made here; undefined for others. */
  path(volume: Stored<PersistentVolume>): string | undefined;
  /** The same for a pod; throws when the volume is not fit for use. */
  usablePath(volume: Stored<PersistentVolume>): string | undefined;
  /** Gives a volume made here its new size; can be repeated. */
  grow(volume: Stored<PersistentVolume>, bytes: number): Promise<void>;
  remove(volume: Stored<PersistentVolume>): Promise<void>;
}

/** Parameter of a StorageClass: the file system that each volume gets for itself, `ext4` or `xfs`. */
export const FILE_SYSTEM = 'matriarch.dev/filesystem';

const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
const ZONE = 'topology.kubernetes.io/zone';

export function volumeName(claim: Stored<PersistentVolumeClaim>): string {
  return `pvc-${claim.metadata.uid}`;
}

export function createProvisioner(volumesDirectory: string, sized: SizedVolumes): Provisioner {
  const directory = (name: string) => join(volumesDirectory, basename(name));
  const path = (volume: Stored<PersistentVolume>): string | undefined =>
    volume.metadata.annotations?.[PROVISIONED_BY] === undefined ? undefined : directory(volume.metadata.name);
  return {
    path,
    usablePath: (volume) => {
      const problem = sized.problem(volume.metadata.name);
      if (problem !== undefined) throw new Error(`volume ${volume.metadata.name}: ${problem}`);
      return path(volume);
    },
    provision: async (claim, storageClass, node) => {
      const name = volumeName(claim);
      const description = describe(claim, storageClass, node, name);
      const kind = fileSystemOf(storageClass);
      if (kind) await sized.make(name, kind, quantity(description.spec?.capacity?.storage));
      mkdirSync(directory(name), { recursive: true });
      chmodSync(directory(name), 0o755);
      return description;
    },
    grow: async (volume, bytes) => {
      if (sized.has(volume.metadata.name)) await sized.grow(volume.metadata.name, bytes);
    },
    remove: async (volume) => {
      const found = path(volume);
      if (found === undefined) return;
      await sized.remove(volume.metadata.name);
      if (lstatSync(found, { throwIfNoEntry: false })) rmSync(found, { recursive: true, force: true });
    },
  };
}

function fileSystemOf({ metadata, parameters }: Stored<StorageClass>): FileSystem | undefined {
  const kind = parameters?.[FILE_SYSTEM];
  if (kind === undefined || isFileSystem(kind)) return kind;
  throw new Error(`StorageClass ${metadata.name}: parameters.${FILE_SYSTEM} is "${kind}"; use ext4 or xfs`);
}

function describe(
  claim: Stored<PersistentVolumeClaim>,
  storageClass: Stored<StorageClass>,
  node: Stored<Node> | undefined,
  name: string,
): PersistentVolume {
  const { provisioner, reclaimPolicy = 'Delete', parameters, mountOptions } = storageClass;
  const zone = node?.metadata.labels?.[ZONE];
  const { namespace = '', name: claimName, uid, resourceVersion } = claim.metadata;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations: { [PROVISIONED_BY]: provisioner } },
    spec: {
      capacity: { storage: claim.spec?.resources?.requests?.storage ?? '1Gi' },
      accessModes: claim.spec?.accessModes ?? ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: storageClass.metadata.name,
      volumeMode: claim.spec?.volumeMode ?? 'Filesystem',
      ...(mountOptions ? { mountOptions } : {}),
      claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name: claimName, uid, resourceVersion },
      csi: {
        driver: provisioner,
        volumeHandle: name,
        ...(parameters?.type ? { volumeAttributes: { type: parameters.type } } : {}),
      },
      ...(zone === undefined
        ? {}
        : {
            nodeAffinity: {
              required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: [zone] }] }] },
            },
          }),
    },
  };
}
