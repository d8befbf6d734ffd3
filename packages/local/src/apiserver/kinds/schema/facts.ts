/**
 * What the declarations of the types do not tell: how lists merge, which structures are one value, and which fields
 * keep a zero value on the wire. Fields are named `Type.field`, or `package.Type.field` where two types share a name.
 */

/** How a list merges: keys of a map list, merge key of a strategic patch where it differs, and `retainKeys`. */
export interface ListFact {
  keys?: readonly string[];
  set?: true;
  mergeKey?: string;
  /** Lists of plain values that a strategic patch adds to. */
  merge?: true;
  retainKeys?: true;
  /** Values of keys that are not given. */
  keyDefaults?: { readonly [key: string]: string };
}

const TCP = { protocol: 'TCP' };
const byName: ListFact = { keys: ['name'], mergeKey: 'name' };
const byType: ListFact = { keys: ['type'], mergeKey: 'type' };
const byNameRetainingKeys: ListFact = { ...byName, retainKeys: true };

/** Every list that is not here is replaced as a whole. */
export const lists: { readonly [field: string]: ListFact } = {
  'ObjectMeta.finalizers': { set: true, merge: true },
  'ObjectMeta.ownerReferences': { keys: ['uid'], mergeKey: 'uid' },
  'PodSpec.containers': byName,
  'PodSpec.initContainers': byName,
  'PodSpec.ephemeralContainers': byName,
  'PodSpec.volumes': byNameRetainingKeys,
  'PodSpec.resourceClaims': byNameRetainingKeys,
  'PodSpec.imagePullSecrets': byName,
  'PodSpec.hostAliases': { keys: ['ip'], mergeKey: 'ip' },
  'PodSpec.schedulingGates': byName,
  'PodSpec.topologySpreadConstraints': { keys: ['topologyKey', 'whenUnsatisfiable'], mergeKey: 'topologyKey' },
  'Container.ports': { keys: ['containerPort', 'protocol'], mergeKey: 'containerPort', keyDefaults: TCP },
  'Container.env': byName,
  'Container.volumeMounts': { keys: ['mountPath'], mergeKey: 'mountPath' },
  'Container.volumeDevices': { keys: ['devicePath'], mergeKey: 'devicePath' },
  'EphemeralContainer.ports': { keys: ['containerPort', 'protocol'], mergeKey: 'containerPort', keyDefaults: TCP },
  'EphemeralContainer.env': byName,
  'EphemeralContainer.volumeMounts': { keys: ['mountPath'], mergeKey: 'mountPath' },
  'EphemeralContainer.volumeDevices': { keys: ['devicePath'], mergeKey: 'devicePath' },
  'ResourceRequirements.claims': { keys: ['name'] },
  'PodStatus.conditions': byType,
  'PodStatus.podIPs': { keys: ['ip'], mergeKey: 'ip' },
  'PodStatus.resourceClaimStatuses': byNameRetainingKeys,
  'ServiceSpec.ports': { keys: ['port', 'protocol'], mergeKey: 'port', keyDefaults: TCP },
  'ServiceStatus.conditions': byType,
  'ServiceAccount.secrets': byName,
  'NodeSpec.podCIDRs': { set: true, merge: true },
  'NodeStatus.addresses': byType,
  'NodeStatus.conditions': byType,
  'NamespaceStatus.conditions': byType,
  'PersistentVolumeClaimStatus.conditions': byType,
  'ReplicationControllerStatus.conditions': byType,
  'DeploymentStatus.conditions': byType,
  'ReplicaSetStatus.conditions': byType,
  'StatefulSetStatus.conditions': byType,
  'DaemonSetStatus.conditions': byType,
  'JobStatus.conditions': { mergeKey: 'type' },
  'PodDisruptionBudgetStatus.conditions': byType,
  'HorizontalPodAutoscalerStatus.conditions': byType,
  'Endpoint.addresses': { set: true },
  'CSINodeSpec.drivers': byName,
  'MutatingWebhookConfiguration.webhooks': byName,
  'ValidatingWebhookConfiguration.webhooks': byName,
  'MutatingWebhook.matchConditions': byName,
  'ValidatingWebhook.matchConditions': byName,
};

/** Structures that have one owner as a whole. */
export const atomicTypes: ReadonlySet<string> = new Set([
  'LabelSelector',
  'ObjectReference',
  'OwnerReference',
  'LocalObjectReference',
  'TypedLocalObjectReference',
  'SecretKeySelector',
  'ConfigMapKeySelector',
  'ObjectFieldSelector',
  'ResourceFieldSelector',
  'NodeSelector',
  'NodeSelectorTerm',
  'TopologySelectorTerm',
  'SecretReference',
  'ScopeSelector',
  'ScopedResourceSelectorRequirement',
  'RoleRef',
  'Subject',
  'IngressServiceBackend.port',
]);

/** Fields of an atomic type that nevertheless have an owner for each of their parts. */
export const granularFields: ReadonlySet<string> = new Set(['PersistentVolumeSpec.claimRef']);

/** Maps that have one owner as a whole. */
export const atomicMaps: ReadonlySet<string> = new Set([
  'PodSpec.nodeSelector',
  'ServiceSpec.selector',
  'ReplicationControllerSpec.selector',
]);

/** Structures that are always on the wire, be it as `{}`. */
export const structValues: ReadonlySet<string> = new Set([
  'Container.resources',
  'EphemeralContainer.resources',
  'ContainerStatus.state',
  'ContainerStatus.lastState',
  'PodTemplateSpec.spec',
  'PodTemplate.template',
  'DeploymentSpec.strategy',
  'ReplicaSetSpec.template',
  'StatefulSetSpec.updateStrategy',
  'DaemonSetSpec.updateStrategy',
  'JobTemplateSpec.spec',
  'PersistentVolumeClaimSpec.resources',
  'PersistentVolumeClaimTemplate.spec',
  'ServiceStatus.loadBalancer',
  'IngressStatus.loadBalancer',
  'IngressServiceBackend.port',
  'core/v1.Event.source',
  'core/v1.Event.involvedObject',
  'events/v1.Event.deprecatedSource',
  'events/v1.Event.regarding',
  'discovery/v1.Endpoint.conditions',
  'NodeStatus.daemonEndpoints',
  'NodeStatus.nodeInfo',
  'NodeDaemonEndpoints.kubeletEndpoint',
  'NetworkPolicySpec.podSelector',
]);

/** Kinds whose `spec` or `status` is absent when it was not given. */
export const optionalParts: ReadonlySet<string> = new Set(['ControllerRevision', 'Scale']);

/** Required structures that are nevertheless absent, not empty, when they were not given. */
export const requiredPointers: ReadonlySet<string> = new Set([
  'DeploymentSpec.selector',
  'ReplicaSetSpec.selector',
  'StatefulSetSpec.selector',
  'DaemonSetSpec.selector',
]);

/** Times that are written as null when they are not set. */
export const timeValues: ReadonlySet<string> = new Set([
  'creationTimestamp',
  'lastProbeTime',
  'lastTransitionTime',
  'lastUpdateTime',
  'lastHeartbeatTime',
  'firstTimestamp',
  'lastTimestamp',
  'eventTime',
  'startedAt',
  'finishedAt',
  'deprecatedFirstTimestamp',
  'deprecatedLastTimestamp',
  'lastObservedTime',
  'VolumeError.time',
]);

/** Fields that are written with their zero value although they are not required. */
export const zeroValues: ReadonlySet<string> = new Set([
  'core/v1.Event.reportingComponent',
  'core/v1.Event.reportingInstance',
  'ClusterRole.rules',
  'Role.rules',
]);

/** Fields that must be given and yet vanish with their zero value. */
export const omittedWhenZero: ReadonlySet<string> = new Set([
  'CSINodeDriver.allocatable',
  'core/v1.EndpointPort.name',
  'EnvFromSource.prefix',
]);

/** Text that holds bytes in base64. */
export const byteFields: ReadonlySet<string> = new Set([
  'Secret.data',
  'ConfigMap.binaryData',
  'WebhookClientConfig.caBundle',
]);
