/** What the API fills in for a pod or a pod template. */
import type { JsonObject } from '../../registry/types.ts';
import { record, records, text } from '../columns/format.ts';

/** Sets `field` when it was not given. */
export function fill(object: JsonObject, field: string, value: JsonObject[string]): void {
  if (object[field] === undefined || object[field] === null) object[field] = value;
}

const DEFAULT_MODE = 0o644;

function defaultFieldRefs(items: unknown): void {
  for (const item of records(items)) {
    if (item.fieldRef !== undefined) fill(record(item.fieldRef), 'apiVersion', 'v1');
  }
}

function defaultVolume(volume: JsonObject): void {
  const { secret, configMap, projected, downwardAPI, hostPath, iscsi, rbd, azureDisk } = volume;
  const sources = Object.keys(volume).filter((key) => key !== 'name');
  if (sources.length === 0) volume.emptyDir = {};
  for (const source of [secret, configMap, projected, downwardAPI]) {
    if (source !== undefined) fill(record(source), 'defaultMode', DEFAULT_MODE);
  }
  if (hostPath !== undefined) fill(record(hostPath), 'type', '');
  if (downwardAPI !== undefined) defaultFieldRefs(record(downwardAPI).items);
  if (projected !== undefined) for (const source of records(record(projected).sources)) defaultProjection(source);
  if (iscsi !== undefined) fill(record(iscsi), 'iscsiInterface', 'default');
  if (rbd !== undefined) defaultRbd(record(rbd));
  if (azureDisk !== undefined) defaultAzureDisk(record(azureDisk));
  if (volume.ephemeral !== undefined) {
    const spec = record(record(record(volume.ephemeral).volumeClaimTemplate).spec);
    fill(spec, 'volumeMode', 'Filesystem');
  }
}

function defaultProjection(source: JsonObject): void {
  if (source.downwardAPI !== undefined) defaultFieldRefs(record(source.downwardAPI).items);
  if (source.serviceAccountToken !== undefined) fill(record(source.serviceAccountToken), 'expirationSeconds', 3600);
}

function defaultRbd(rbd: JsonObject): void {
  fill(rbd, 'pool', 'rbd');
  fill(rbd, 'user', 'admin');
  fill(rbd, 'keyring', '/etc/ceph/keyring');
}

function defaultAzureDisk(disk: JsonObject): void {
  fill(disk, 'cachingMode', 'ReadWrite');
  fill(disk, 'kind', 'Shared');
  fill(disk, 'fsType', 'ext4');
  fill(disk, 'readOnly', false);
}

function defaultProbe(probe: JsonObject): void {
  defaultHttpGet(probe.httpGet);
  if (probe.grpc !== undefined) fill(record(probe.grpc), 'service', '');
  for (const [field, value] of Object.entries({
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  })) {
    if ((probe[field] ?? 0) === 0) probe[field] = value;
  }
}

function defaultHttpGet(action: unknown): void {
  if (action === undefined) return;
  fill(record(action), 'path', '/');
  fill(record(action), 'scheme', 'HTTP');
}

/** Images without a tag or with `latest` are always pulled. */
export function pullPolicy(image: string): string {
  if (image.includes('@')) return 'IfNotPresent';
  const last = image.slice(image.lastIndexOf('/') + 1);
  const tag = last.includes(':') ? last.slice(last.indexOf(':') + 1) : 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultContainer(container: JsonObject): void {
  fill(container, 'imagePullPolicy', pullPolicy(text(container.image)));
  fill(container, 'terminationMessagePath', '/dev/termination-log');
  fill(container, 'terminationMessagePolicy', 'File');
  fill(container, 'resources', {});
  for (const port of records(container.ports)) fill(port, 'protocol', 'TCP');
  for (const variable of records(container.env)) {
    const from = record(variable.valueFrom);
    if (from.fieldRef !== undefined) fill(record(from.fieldRef), 'apiVersion', 'v1');
  }
  for (const field of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (container[field] !== undefined) defaultProbe(record(container[field]));
  }
  const { postStart, preStop } = record(container.lifecycle);
  for (const handler of [postStart, preStop]) if (handler !== undefined) defaultHttpGet(record(handler).httpGet);
  defaultRequests(record(container.resources));
  if (container.securityContext !== undefined) {
    const security = record(container.securityContext);
    if (security.procMount === '') delete security.procMount;
  }
}

/** A limit without a request is also the request. */
function defaultRequests(resources: JsonObject): void {
  for (const [name, limit] of Object.entries(record(resources.limits))) {
    const requests = record(resources.requests);
    fill(requests, name, limit);
    resources.requests = requests;
  }
}

/** Shared by pods and templates. What only pods get is in pod.ts. */
export function defaultPodSpec(spec: JsonObject): void {
  fill(spec, 'restartPolicy', 'Always');
  fill(spec, 'dnsPolicy', 'ClusterFirst');
  fill(spec, 'schedulerName', 'default-scheduler');
  fill(spec, 'securityContext', {});
  fill(spec, 'terminationGracePeriodSeconds', 30);
  if (text(spec.serviceAccountName) === '' && text(spec.serviceAccount) !== '')
    spec.serviceAccountName = text(spec.serviceAccount);
  if (text(spec.serviceAccountName) !== '') spec.serviceAccount = text(spec.serviceAccountName);
  for (const field of ['containers', 'initContainers', 'ephemeralContainers']) {
    for (const container of records(spec[field])) defaultContainer(container);
  }
  for (const volume of records(spec.volumes)) defaultVolume(volume);
  if (spec.hostNetwork === true) defaultHostPorts(spec);
  for (const constraint of records(spec.topologySpreadConstraints))
    fill(constraint, 'whenUnsatisfiable', 'DoNotSchedule');
}

function defaultHostPorts(spec: JsonObject): void {
  for (const container of [...records(spec.containers), ...records(spec.initContainers)]) {
    for (const port of records(container.ports))
      if (port.containerPort !== undefined) fill(port, 'hostPort', port.containerPort);
  }
}

type Qos = 'BestEffort' | 'Burstable' | 'Guaranteed';

/** The class of service that follows from requests and limits of CPU and memory. */
export function qosClass(spec: JsonObject): Qos {
  const containers = [...records(spec.containers), ...records(spec.initContainers)];
  let any = false;
  let guaranteed = true;
  for (const container of containers) {
    const { requests, limits } = record(container.resources);
    for (const name of ['cpu', 'memory']) {
      const request = text(record(requests)[name]);
      const limit = text(record(limits)[name]);
      if (!isNothing(request) || !isNothing(limit)) any = true;
      if (isNothing(limit) || (request !== '' && request !== limit)) guaranteed = false;
    }
  }
  if (!any) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function isNothing(amount: string): boolean {
  return amount === '' || amount === '0';
}

/** Addresses of a pod are written in two places. */
export function syncPodIPs(status: JsonObject): void {
  const first = text(records(status.podIPs)[0]?.ip);
  const single = text(status.podIP);
  if (single !== '' && single !== first) status.podIPs = [{ ip: single }];
  else if (single === '' && first !== '') status.podIP = first;
}

export function containerNames(spec: JsonObject): string[] {
  return ['containers', 'initContainers', 'ephemeralContainers'].flatMap((field) =>
    records(spec[field]).map((container) => text(container.name)),
  );
}
