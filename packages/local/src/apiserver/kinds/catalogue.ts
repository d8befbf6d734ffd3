/** The built-in kinds: names, scope and subresources. */

export interface CatalogueEntry {
  group: string;
  version: string;
  /** Name of its type in schema/types.json. */
  type: string;
  kind: string;
  resource: string;
  namespaced: boolean;
  shortNames?: readonly string[];
  categories?: readonly string[];
  subresources?: readonly string[];
  /** Whether metadata.generation counts changes of the spec. */
  generation?: true;
  /** Whether DELETE of a whole collection is served. */
  deleteCollection?: false;
}

type Row = Omit<CatalogueEntry, 'group' | 'version' | 'type' | 'kind'>;

function section(group: string, version: string, types: string, rows: { [kind: string]: Row }): CatalogueEntry[] {
  return Object.entries(rows).map(([kind, row]) => ({ group, version, type: `${types}.${kind}`, kind, ...row }));
}

const all = ['all'];
const status = ['status'];
const scalable = ['scale', 'status'];

const core = section('', 'v1', 'core/v1', {
  Namespace: {
    resource: 'namespaces',
    namespaced: false,
    shortNames: ['ns'],
    subresources: ['finalize', 'status'],
    deleteCollection: false,
  },
  Node: { resource: 'nodes', namespaced: false, shortNames: ['no'], subresources: ['proxy', 'status'] },
  Pod: {
    resource: 'pods',
    namespaced: true,
    shortNames: ['po'],
    categories: all,
    subresources: [
      ...['attach', 'binding', 'ephemeralcontainers', 'eviction', 'exec', 'log', 'portforward', 'proxy', 'status'],
    ],
  },
  Service: {
    resource: 'services',
    namespaced: true,
    shortNames: ['svc'],
    categories: all,
    subresources: ['proxy', 'status'],
  },
  Endpoints: { resource: 'endpoints', namespaced: true, shortNames: ['ep'] },
  ConfigMap: { resource: 'configmaps', namespaced: true, shortNames: ['cm'] },
  Secret: { resource: 'secrets', namespaced: true },
  ServiceAccount: { resource: 'serviceaccounts', namespaced: true, shortNames: ['sa'], subresources: ['token'] },
  PersistentVolume: { resource: 'persistentvolumes', namespaced: false, shortNames: ['pv'], subresources: status },
  PersistentVolumeClaim: {
    resource: 'persistentvolumeclaims',
    namespaced: true,
    shortNames: ['pvc'],
    subresources: status,
  },
  Event: { resource: 'events', namespaced: true, shortNames: ['ev'] },
  ReplicationController: {
    resource: 'replicationcontrollers',
    namespaced: true,
    shortNames: ['rc'],
    categories: all,
    subresources: scalable,
    generation: true,
  },
  LimitRange: { resource: 'limitranges', namespaced: true, shortNames: ['limits'] },
  ResourceQuota: { resource: 'resourcequotas', namespaced: true, shortNames: ['quota'], subresources: status },
  PodTemplate: { resource: 'podtemplates', namespaced: true, generation: true },
});

const apps = section('apps', 'v1', 'apps/v1', {
  Deployment: {
    resource: 'deployments',
    namespaced: true,
    shortNames: ['deploy'],
    categories: all,
    subresources: scalable,
    generation: true,
  },
  ReplicaSet: {
    resource: 'replicasets',
    namespaced: true,
    shortNames: ['rs'],
    categories: all,
    subresources: scalable,
    generation: true,
  },
  StatefulSet: {
    resource: 'statefulsets',
    namespaced: true,
    shortNames: ['sts'],
    categories: all,
    subresources: scalable,
    generation: true,
  },
  DaemonSet: {
    resource: 'daemonsets',
    namespaced: true,
    shortNames: ['ds'],
    categories: all,
    subresources: status,
    generation: true,
  },
  ControllerRevision: { resource: 'controllerrevisions', namespaced: true },
});

const batch = section('batch', 'v1', 'batch/v1', {
  Job: { resource: 'jobs', namespaced: true, categories: all, subresources: status, generation: true },
  CronJob: {
    resource: 'cronjobs',
    namespaced: true,
    shortNames: ['cj'],
    categories: all,
    subresources: status,
    generation: true,
  },
});

const policy = section('policy', 'v1', 'policy/v1', {
  PodDisruptionBudget: {
    resource: 'poddisruptionbudgets',
    namespaced: true,
    shortNames: ['pdb'],
    subresources: status,
    generation: true,
  },
});

const storage = section('storage.k8s.io', 'v1', 'storage/v1', {
  StorageClass: { resource: 'storageclasses', namespaced: false, shortNames: ['sc'] },
  CSINode: { resource: 'csinodes', namespaced: false },
  CSIDriver: { resource: 'csidrivers', namespaced: false },
  VolumeAttachment: { resource: 'volumeattachments', namespaced: false, subresources: status },
});

const rbac = section('rbac.authorization.k8s.io', 'v1', 'rbac/v1', {
  Role: { resource: 'roles', namespaced: true },
  RoleBinding: { resource: 'rolebindings', namespaced: true },
  ClusterRole: { resource: 'clusterroles', namespaced: false },
  ClusterRoleBinding: { resource: 'clusterrolebindings', namespaced: false },
});

const networking = section('networking.k8s.io', 'v1', 'networking/v1', {
  Ingress: {
    resource: 'ingresses',
    namespaced: true,
    shortNames: ['ing'],
    subresources: status,
    generation: true,
  },
  IngressClass: { resource: 'ingressclasses', namespaced: false, generation: true },
  NetworkPolicy: { resource: 'networkpolicies', namespaced: true, shortNames: ['netpol'], generation: true },
});

const admissionregistration = section('admissionregistration.k8s.io', 'v1', 'admissionregistration/v1', {
  MutatingWebhookConfiguration: {
    resource: 'mutatingwebhookconfigurations',
    namespaced: false,
    categories: ['api-extensions'],
    generation: true,
  },
  ValidatingWebhookConfiguration: {
    resource: 'validatingwebhookconfigurations',
    namespaced: false,
    categories: ['api-extensions'],
    generation: true,
  },
});

export const catalogue: readonly CatalogueEntry[] = [
  ...core,
  ...apps,
  ...batch,
  ...policy,
  ...section('coordination.k8s.io', 'v1', 'coordination/v1', { Lease: { resource: 'leases', namespaced: true } }),
  ...section('discovery.k8s.io', 'v1', 'discovery/v1', {
    EndpointSlice: { resource: 'endpointslices', namespaced: true },
  }),
  ...storage,
  ...rbac,
  ...admissionregistration,
  ...section('scheduling.k8s.io', 'v1', 'scheduling/v1', {
    PriorityClass: { resource: 'priorityclasses', namespaced: false, shortNames: ['pc'] },
  }),
  ...section('node.k8s.io', 'v1', 'node/v1', { RuntimeClass: { resource: 'runtimeclasses', namespaced: false } }),
  ...networking,
  ...section('autoscaling', 'v2', 'autoscaling/v2', {
    HorizontalPodAutoscaler: {
      resource: 'horizontalpodautoscalers',
      namespaced: true,
      shortNames: ['hpa'],
      categories: all,
      subresources: status,
    },
  }),
  ...section('events.k8s.io', 'v1', 'events/v1', {
    Event: { resource: 'events', namespaced: true, shortNames: ['ev'] },
  }),
];
