import type {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from 'kubernetes-types/admissionregistration/v1.d.ts';
import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1.d.ts';
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts';
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
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from 'kubernetes-types/rbac/v1.d.ts';
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts';
import { defineResource, type KubernetesObject, type ResourceType } from './resource.ts';

function namespaced<T extends KubernetesObject>(group: string, kind: string, plural: string): ResourceType<T> {
  return defineResource<T>({ group, version: 'v1', kind, plural, namespaced: true });
}

function clusterWide<T extends KubernetesObject>(group: string, kind: string, plural: string): ResourceType<T> {
  return defineResource<T>({ group, version: 'v1', kind, plural, namespaced: false });
}

const rbac = 'rbac.authorization.k8s.io';
const admission = 'admissionregistration.k8s.io';

/** The built-in kinds that our programs use. */
export const resources = {
  pods: namespaced<Pod>('', 'Pod', 'pods'),
  services: namespaced<Service>('', 'Service', 'services'),
  secrets: namespaced<Secret>('', 'Secret', 'secrets'),
  configMaps: namespaced<ConfigMap>('', 'ConfigMap', 'configmaps'),
  serviceAccounts: namespaced<ServiceAccount>('', 'ServiceAccount', 'serviceaccounts'),
  persistentVolumeClaims: namespaced<PersistentVolumeClaim>('', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
  persistentVolumes: clusterWide<PersistentVolume>('', 'PersistentVolume', 'persistentvolumes'),
  events: namespaced<Event>('', 'Event', 'events'),
  endpoints: namespaced<Endpoints>('', 'Endpoints', 'endpoints'),
  nodes: clusterWide<Node>('', 'Node', 'nodes'),
  namespaces: clusterWide<Namespace>('', 'Namespace', 'namespaces'),
  jobs: namespaced<Job>('batch', 'Job', 'jobs'),
  deployments: namespaced<Deployment>('apps', 'Deployment', 'deployments'),
  podDisruptionBudgets: namespaced<PodDisruptionBudget>('policy', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  roles: namespaced<Role>(rbac, 'Role', 'roles'),
  roleBindings: namespaced<RoleBinding>(rbac, 'RoleBinding', 'rolebindings'),
  clusterRoles: clusterWide<ClusterRole>(rbac, 'ClusterRole', 'clusterroles'),
  clusterRoleBindings: clusterWide<ClusterRoleBinding>(rbac, 'ClusterRoleBinding', 'clusterrolebindings'),
  leases: namespaced<Lease>('coordination.k8s.io', 'Lease', 'leases'),
  storageClasses: clusterWide<StorageClass>('storage.k8s.io', 'StorageClass', 'storageclasses'),
  mutatingWebhookConfigurations: clusterWide<MutatingWebhookConfiguration>(
    admission,
    'MutatingWebhookConfiguration',
    'mutatingwebhookconfigurations',
  ),
  validatingWebhookConfigurations: clusterWide<ValidatingWebhookConfiguration>(
    admission,
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
  ),
  customResourceDefinitions: clusterWide<CustomResourceDefinition>(
    'apiextensions.k8s.io',
    'CustomResourceDefinition',
    'customresourcedefinitions',
  ),
} as const;
