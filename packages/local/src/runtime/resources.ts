/** The resources that controllers, scheduler and node work with, each with the static type of its objects. */
import type { Deployment, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.d.ts';
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import type {
  ConfigMap,
  Endpoints,
  Event,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Secret,
  Service,
  ServiceAccount,
} from 'kubernetes-types/core/v1.d.ts';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.d.ts';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts';
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts';

/** A kind of objects. `T` exists for the type checker only. */
export interface Resource<T> {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly type?: T;
}

/** Metadata as every stored object has it. */
export interface StoredMeta extends ObjectMeta {
  name: string;
  uid: string;
  resourceVersion: string;
}

/** An object that came from the API server. Shared between readers: copy it before changing it. */
export type Stored<T> = Omit<T, 'metadata'> & { metadata: StoredMeta };

export interface Key {
  readonly namespace: string;
  readonly name: string;
}

function resource<T>(
  apiVersion: string,
  kind: string,
  plural: string,
  scope: 'Namespaced' | 'Cluster' = 'Namespaced',
): Resource<T> {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return { group: group ?? '', version: version ?? 'v1', kind, resource: plural, namespaced: scope === 'Namespaced' };
}

export const CONFIG_MAPS = resource<ConfigMap>('v1', 'ConfigMap', 'configmaps');
export const DEPLOYMENTS = resource<Deployment>('apps/v1', 'Deployment', 'deployments');
export const ENDPOINTS = resource<Endpoints>('v1', 'Endpoints', 'endpoints');
export const ENDPOINT_SLICES = resource<EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices');
export const EVENTS = resource<Event>('v1', 'Event', 'events');
export const JOBS = resource<Job>('batch/v1', 'Job', 'jobs');
export const LEASES = resource<Lease>('coordination.k8s.io/v1', 'Lease', 'leases');
export const NAMESPACES = resource<Namespace>('v1', 'Namespace', 'namespaces', 'Cluster');
export const NODES = resource<Node>('v1', 'Node', 'nodes', 'Cluster');
export const PERSISTENT_VOLUMES = resource<PersistentVolume>('v1', 'PersistentVolume', 'persistentvolumes', 'Cluster');
export const PERSISTENT_VOLUME_CLAIMS = resource<PersistentVolumeClaim>(
  'v1',
  'PersistentVolumeClaim',
  'persistentvolumeclaims',
);
export const POD_DISRUPTION_BUDGETS = resource<PodDisruptionBudget>(
  'policy/v1',
  'PodDisruptionBudget',
  'poddisruptionbudgets',
);
export const PODS = resource<Pod>('v1', 'Pod', 'pods');
export const REPLICA_SETS = resource<ReplicaSet>('apps/v1', 'ReplicaSet', 'replicasets');
export const SECRETS = resource<Secret>('v1', 'Secret', 'secrets');
export const SERVICE_ACCOUNTS = resource<ServiceAccount>('v1', 'ServiceAccount', 'serviceaccounts');
export const SERVICES = resource<Service>('v1', 'Service', 'services');
export const STATEFUL_SETS = resource<StatefulSet>('apps/v1', 'StatefulSet', 'statefulsets');
export const STORAGE_CLASSES = resource<StorageClass>('storage.k8s.io/v1', 'StorageClass', 'storageclasses', 'Cluster');

export function keyOf(object: { metadata: { name?: string; namespace?: string } }): Key {
  return { namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' };
}

export function keyString(key: Key): string {
  return `${key.namespace}/${key.name}`;
}

export function parseKey(text: string): Key {
  const slash = text.indexOf('/');
  return { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}
