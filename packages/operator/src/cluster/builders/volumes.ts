import { type Cluster, extensionVolumeName, tablespaceVolumeName } from '@matriarch/api';
import type { Volume, VolumeMount } from 'kubernetes-types/core/v1.d.ts';
import { instanceVolumeClaim } from './claims.ts';

interface Mounted {
  volume: Volume;
  mounts: VolumeMount[];
}

const tokenFolder = '/var/run/secrets/kubernetes.io/serviceaccount';
export const tokenVolume = 'kube-api-access';
export const projectedVolume = 'projected';

/** Volumes of an instance and where they are mounted, in the order of the mounts. */
export function instanceVolumes(cluster: Cluster, instance: string): { volumes: Volume[]; mounts: VolumeMount[] } {
  const { spec } = cluster;
  const tablespaces = (spec.tablespaces ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const list: Mounted[] = [
    claim('pgdata', instance, '/var/lib/postgresql/data'),
    scratch(cluster),
    sharedMemory(cluster),
    ...(spec.walStorage ? [claim('pg-wal', `${instance}-wal`, '/var/lib/postgresql/wal')] : []),
    ...(spec.projectedVolumeTemplate ? [projected(spec.projectedVolumeTemplate)] : []),
    token(),
    ...tablespaces.map(({ name }) =>
      claim(tablespaceVolumeName(name), instanceVolumeClaim(instance, name), `/var/lib/postgresql/tablespaces/${name}`),
    ),
    ...extensions(cluster),
  ];
  return { volumes: list.map(({ volume }) => volume), mounts: list.flatMap(({ mounts }) => mounts) };
}

function claim(name: string, claimName: string, mountPath: string): Mounted {
  return { volume: { name, persistentVolumeClaim: { claimName } }, mounts: [{ name, mountPath }] };
}

function scratch({ spec }: Cluster): Mounted {
  const sizeLimit = spec.ephemeralVolumesSizeLimit?.temporaryData;
  const source = spec.ephemeralVolumeSource
    ? { ephemeral: spec.ephemeralVolumeSource }
    : { emptyDir: sizeLimit === undefined ? {} : { sizeLimit: String(sizeLimit) } };
  const name = 'scratch-data';
  return {
    volume: { name, ...source },
    mounts: [
      { name, mountPath: '/run' },
      { name, mountPath: '/controller' },
    ],
  };
}

function sharedMemory({ spec }: Cluster): Mounted {
  const sizeLimit = spec.ephemeralVolumesSizeLimit?.shm;
  const emptyDir = { medium: 'Memory', ...(sizeLimit === undefined ? {} : { sizeLimit: String(sizeLimit) }) };
  return { volume: { name: 'shm', emptyDir }, mounts: [{ name: 'shm', mountPath: '/dev/shm' }] };
}

function projected(source: NonNullable<Cluster['spec']['projectedVolumeTemplate']>): Mounted {
  const name = projectedVolume;
  return { volume: { name, projected: source }, mounts: [{ name, mountPath: '/projected' }] };
}

/** The token is mounted by us, so that the init container does not get it. */
function token(): Mounted {
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] },
    },
  ];
  return {
    volume: { name: tokenVolume, projected: { defaultMode: 0o644, sources } },
    mounts: [{ name: tokenVolume, mountPath: tokenFolder, readOnly: true }],
  };
}

/** Image volumes are newer than the typed package. */
function extensions({ status }: Cluster): Mounted[] {
  return (status?.pgDataImageInfo?.extensions ?? []).map(({ name: extension, image }) => {
    const name = extensionVolumeName(extension);
    const volume = { name, image: { reference: image?.reference, pullPolicy: image?.pullPolicy } };
    return { volume, mounts: [{ name, mountPath: `/extensions/${extension}` }] };
  });
}
