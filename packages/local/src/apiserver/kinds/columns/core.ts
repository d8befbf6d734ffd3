/** Table columns of the kinds in the core group. */
import type { ApiObject, JsonObject, TableColumn } from '../../registry/types.ts';
import {
  age,
  ageColumn,
  column,
  labels,
  NONE,
  nameColumn,
  number,
  record,
  records,
  strings,
  text,
  UNKNOWN,
  wide,
} from './format.ts';
import { podColumns } from './pod.ts';

const size = (map: unknown): number => Object.keys(record(map)).length;

function externalAddress(service: ApiObject): string {
  const spec = record(service.spec);
  const external = strings(spec.externalIPs);
  switch (spec.type) {
    case 'ExternalName':
      return text(spec.externalName);
    case 'LoadBalancer': {
      const ingress = records(record(record(service.status).loadBalancer).ingress);
      const given = ingress.map((entry) => text(entry.ip) || text(entry.hostname)).concat(external);
      return given.length === 0 ? '<pending>' : given.join(',');
    }
    default:
      return external.length === 0 ? NONE : external.join(',');
  }
}

function servicePorts(service: ApiObject): string {
  const ports = records(record(service.spec).ports).map((port) => {
    const node = number(port.nodePort) > 0 ? `:${number(port.nodePort)}` : '';
    return `${number(port.port)}${node}/${text(port.protocol)}`;
  });
  return ports.length === 0 ? NONE : ports.join(',');
}

const ACCESS_MODES: { readonly [mode: string]: string } = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** Access modes in the usual order, abbreviated. */
function accessModes(modes: unknown): string {
  const given = strings(modes);
  return Object.keys(ACCESS_MODES)
    .filter((mode) => given.includes(mode))
    .map((mode) => ACCESS_MODES[mode])
    .join(',');
}

function nodeStatus(node: ApiObject): string {
  const ready = records(record(node.status).conditions).find((condition) => condition.type === 'Ready');
  const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return record(node.spec).unschedulable === true ? `${state},SchedulingDisabled` : state;
}

function nodeRoles(node: ApiObject): string {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith('node-role.kubernetes.io/')) return [key.slice('node-role.kubernetes.io/'.length)];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return roles.length === 0
    ? NONE
    : [...new Set(roles)]
        .filter((role) => role !== '')
        .sort()
        .join(',');
}

const nodeAddress = (type: string) => (node: ApiObject) =>
  text(records(record(node.status).addresses).find((entry) => entry.type === type)?.address) || NONE;
const nodeInfo = (field: string) => (node: ApiObject) => text(record(record(node.status).nodeInfo)[field]) || UNKNOWN;

function claimStatus(claim: ApiObject): string {
  return claim.metadata.deletionTimestamp === undefined ? text(record(claim.status).phase) : 'Terminating';
}

function isBound(claim: ApiObject): boolean {
  return text(record(claim.spec).volumeName) !== '';
}

function claimOf(volume: ApiObject): string {
  const claim = record(record(volume.spec).claimRef);
  return claim.name === undefined ? '' : `${text(claim.namespace)}/${text(claim.name)}`;
}

function endpointList(endpoints: ApiObject): string {
  const all = records(endpoints.subsets).flatMap(subsetAddresses);
  if (all.length === 0) return NONE;
  const shown = all.slice(0, 3).join(',');
  return all.length > 3 ? `${shown} + ${all.length - 3} more...` : shown;
}

function subsetAddresses(subset: JsonObject): string[] {
  const addresses = records(subset.addresses).map((address) => text(address.ip));
  const ports = records(subset.ports);
  if (ports.length === 0) return addresses;
  return ports.flatMap((port) => addresses.map((address) => `${address}:${number(port.port)}`));
}

function eventTime(event: ApiObject, field: string, now: Date): string {
  const series = record(event.series).lastObservedTime;
  if (field === 'lastTimestamp' && series !== undefined) return age(series, now);
  return age(event[field] ?? event.eventTime ?? undefined, now);
}

function eventObject(event: ApiObject): string {
  const { kind, name } = record(event.involvedObject);
  return text(name) === '' ? text(kind).toLowerCase() : `${text(kind).toLowerCase()}/${text(name)}`;
}

function eventSource(event: ApiObject): string {
  const { component, host } = record(event.source);
  const source = text(component) || text(event.reportingComponent);
  return text(host) === '' ? source : `${source}, ${text(host)}`;
}

function eventCount(event: ApiObject): number {
  return number(record(event.series).count) || number(event.count) || 1;
}

const volumeMode = (object: ApiObject) => text(record(object.spec).volumeMode) || '<unset>';

/** By plural name. */
export const coreColumns: { readonly [resource: string]: readonly TableColumn[] } = {
  pods: podColumns,
  configmaps: [
    nameColumn,
    column('Data', 'Number of entries', (map) => size(map.data) + size(map.binaryData)),
    ageColumn,
  ],
  secrets: [
    nameColumn,
    column('Type', 'What the secret is for', (secret) => text(secret.type)),
    column('Data', 'Number of entries', (secret) => size(secret.data)),
    ageColumn,
  ],
  services: [
    nameColumn,
    column('Type', 'How the service can be reached', (service) => text(record(service.spec).type)),
    column('Cluster-IP', 'Address inside the cluster', (service) => text(record(service.spec).clusterIP) || NONE),
    column('External-IP', 'Address from outside', externalAddress),
    column('Port(s)', 'Ports of the service', servicePorts),
    ageColumn,
    wide('Selector', 'Labels of the pods behind it', (service) => labels(record(service.spec).selector)),
  ],
  persistentvolumeclaims: [
    nameColumn,
    column('Status', 'Whether the claim is bound', claimStatus),
    column('Volume', 'Volume bound to the claim', (claim) => text(record(claim.spec).volumeName)),
    column('Capacity', 'Size of the volume', (claim) =>
      isBound(claim) ? text(record(record(claim.status).capacity).storage) : '',
    ),
    column('Access Modes', 'How the volume may be mounted', (claim) =>
      isBound(claim) ? accessModes(record(claim.status).accessModes) : '',
    ),
    column('StorageClass', 'Storage class of the claim', (claim) => text(record(claim.spec).storageClassName)),
    ageColumn,
    wide('VolumeMode', 'File system or block device', volumeMode),
  ],
  persistentvolumes: [
    nameColumn,
    column('Capacity', 'Size of the volume', (volume) => text(record(record(volume.spec).capacity).storage)),
    column('Access Modes', 'How the volume may be mounted', (volume) => accessModes(record(volume.spec).accessModes)),
    column('Reclaim Policy', 'What happens after its claim', (volume) =>
      text(record(volume.spec).persistentVolumeReclaimPolicy),
    ),
    column('Status', 'Whether the volume is bound', claimStatus),
    column('Claim', 'Claim to which the volume is bound', claimOf),
    column('StorageClass', 'Storage class of the volume', (volume) => text(record(volume.spec).storageClassName)),
    column('Reason', 'Why the volume failed', (volume) => text(record(volume.status).reason)),
    ageColumn,
    wide('VolumeMode', 'File system or block device', volumeMode),
  ],
  events: [
    column('Last Seen', 'Time since it last happened', (event, now) => eventTime(event, 'lastTimestamp', now)),
    column('Type', 'Normal or Warning', (event) => text(event.type)),
    column('Reason', 'What happened, in one word', (event) => text(event.reason)),
    column('Object', 'To what it happened', eventObject),
    wide('Subobject', 'To which part of it', (event) => text(record(event.involvedObject).fieldPath)),
    wide('Source', 'Who tells it', eventSource),
    column('Message', 'What happened, in a sentence', (event) => text(event.message).trim()),
    wide('First Seen', 'Time since it first happened', (event, now) => eventTime(event, 'firstTimestamp', now)),
    wide('Count', 'How often it happened', eventCount),
    { ...nameColumn, priority: 1 },
  ],
  serviceaccounts: [
    nameColumn,
    column('Secrets', 'Number of secrets listed', (account) => records(account.secrets).length),
    ageColumn,
  ],
  endpoints: [nameColumn, column('Endpoints', 'Addresses that are ready', endpointList), ageColumn],
  nodes: [
    nameColumn,
    column('Status', 'Whether the node takes pods', nodeStatus),
    column('Roles', 'Roles of the node', nodeRoles),
    ageColumn,
    column('Version', 'Version of the node agent', (node) => text(record(record(node.status).nodeInfo).kubeletVersion)),
    wide('Internal-IP', 'Address inside the cluster', nodeAddress('InternalIP')),
    wide('External-IP', 'Address from outside', nodeAddress('ExternalIP')),
    wide('OS-Image', 'Operating system', nodeInfo('osImage')),
    wide('Kernel-Version', 'Kernel', nodeInfo('kernelVersion')),
    wide('Container-Runtime', 'What runs containers', nodeInfo('containerRuntimeVersion')),
  ],
  namespaces: [
    nameColumn,
    column('Status', 'Active or Terminating', (object) => text(record(object.status).phase)),
    ageColumn,
  ],
  podtemplates: [nameColumn, ageColumn],
};
