import { annotations, type Cluster, labels, pvcStatus, roles } from '@matriarch/api';
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  TypedLocalObjectReference,
} from 'kubernetes-types/core/v1.d.ts';
import { instanceVolumeClaim } from './claims.ts';
import { type BuildContext, inheritedMeta, managedBy } from './metadata.ts';

type StorageConfiguration = NonNullable<Cluster['spec']['storage']>;

/** A volume claim that an instance of this cluster must have. */
export interface ExpectedClaim {
  name: string;
  role: (typeof roles.pvc)[keyof typeof roles.pvc];
  storage: StorageConfiguration;
  initialStatus: string;
  tablespace?: string;
}

export const instanceName = (cluster: Cluster, serial: number): string => `${cluster.metadata.name}-${serial}`;

/** The claims of one instance: data, WAL, tablespaces in this order. */
export function expectedClaims(cluster: Cluster, instance: string): ExpectedClaim[] {
  const { storage, walStorage, tablespaces = [] } = cluster.spec;
  const { initializing, ready } = pvcStatus;
  return [
    { name: instance, role: roles.pvc.data, storage: storage ?? {}, initialStatus: initializing },
    ...(walStorage
      ? [{ name: `${instance}-wal`, role: roles.pvc.wal, storage: walStorage, initialStatus: ready }]
      : []),
    ...tablespaces.map((tablespace) => ({
      name: instanceVolumeClaim(instance, tablespace.name),
      role: roles.pvc.tablespace,
      storage: tablespace.storage,
      initialStatus: ready,
      tablespace: tablespace.name,
    })),
  ];
}

export interface ClaimRequest {
  claim: ExpectedClaim;
  serial: number;
  /** Overrides the initial status of the claim. */
  status?: string;
  source?: TypedLocalObjectReference;
}

export function buildClaim(
  context: BuildContext,
  { claim, serial, status, source }: ClaimRequest,
): PersistentVolumeClaim {
  const metadata = inheritedMeta(context, {
    name: claim.name,
    labels: {
      ...managedBy,
      [labels.appName]: 'postgresql',
      [labels.appComponent]: 'database',
      [labels.instanceName]: instanceName(context.cluster, serial),
      [labels.pvcRole]: claim.role,
      ...(claim.tablespace === undefined ? {} : { [labels.tablespaceName]: claim.tablespace }),
    },
    annotations: { [annotations.nodeSerial]: String(serial), [annotations.pvcStatus]: status ?? claim.initialStatus },
  });
  return { metadata, spec: claimSpec(claim, source) };
}

function claimSpec({ storage, name }: ExpectedClaim, source?: TypedLocalObjectReference): PersistentVolumeClaimSpec {
  const spec: PersistentVolumeClaimSpec = { ...storage.pvcTemplate };
  if (source) spec.dataSource = source;
  if (!spec.accessModes?.length) spec.accessModes = ['ReadWriteOnce'];
  if (storage.storageClass) spec.storageClassName = storage.storageClass;
  if (storage.size) spec.resources = { ...spec.resources, requests: { storage: storage.size } };
  if (!spec.resources?.requests?.storage) {
    throw new Error(`volume claim ${name}: no size; set size or pvcTemplate.resources.requests.storage of its storage`);
  }
  return spec;
}
