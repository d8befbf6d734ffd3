/** Makes volumes: a directory for each. */
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Node, PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts';
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';

export interface Provisioner {
  /** Makes the directory and describes the volume; both can be repeated after a crash. */
  provision(
    claim: Stored<PersistentVolumeClaim>,
    storageClass: Stored<StorageClass>,
    node: Stored<Node> | undefined,
  ): PersistentVolume;
  /** Directory of a volume made here; undefined for others. */
  path(volume: Stored<PersistentVolume>): string | undefined;
  remove(volume: Stored<PersistentVolume>): void;
}

const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
const ZONE = 'topology.kubernetes.io/zone';

export function volumeName(claim: Stored<PersistentVolumeClaim>): string {
  return `pvc-${claim.metadata.uid}`;
}

export function createProvisioner(volumesDirectory: string): Provisioner {
  const directory = (name: string) => join(volumesDirectory, basename(name));
  const path = (volume: Stored<PersistentVolume>): string | undefined =>
    volume.metadata.annotations?.[PROVISIONED_BY] === undefined ? undefined : directory(volume.metadata.name);
  return {
    path,
    provision: (claim, storageClass, node) => {
      const name = volumeName(claim);
      mkdirSync(directory(name), { recursive: true });
      chmodSync(directory(name), 0o755);
      return describe(claim, storageClass, node, name);
    },
    remove: (volume) => {
      const found = path(volume);
      if (found !== undefined && lstatSync(found, { throwIfNoEntry: false }))
        rmSync(found, { recursive: true, force: true });
    },
  };
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
