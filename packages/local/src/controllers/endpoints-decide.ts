/** Endpoints and EndpointSlice of a Service from its pods. Pure. */
import type { EndpointAddress, EndpointSubset, Node, Pod, Service } from 'kubernetes-types/core/v1.d.ts';
import type { Endpoint } from 'kubernetes-types/discovery/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import { canonical, isPodOver, isPodReady } from './common.ts';
import { portsFor, type ResolvedPort } from './endpoint-ports.ts';

function targetRef(pod: Stored<Pod>) {
  const { namespace = '', name, uid } = pod.metadata;
  return { kind: 'Pod', namespace, name, uid };
}

function hostnameFor(pod: Stored<Pod>, service: Stored<Service>): string | undefined {
  const { hostname, subdomain } = pod.spec ?? {};
  return subdomain === service.metadata.name ? hostname : undefined;
}

function address(pod: Stored<Pod>, service: Stored<Service>): EndpointAddress {
  const hostname = hostnameFor(pod, service);
  const nodeName = pod.spec?.nodeName;
  return {
    ip: pod.status?.podIP ?? '',
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: targetRef(pod),
  };
}

function isTerminating(pod: Stored<Pod>): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Pods with an address that are not over, in the order of their addresses. */
function candidates(pods: readonly Stored<Pod>[]): Stored<Pod>[] {
  return pods
    .filter((pod) => pod.status?.podIP && !isPodOver(pod))
    .sort((a, b) => compareAddresses(a.status?.podIP ?? '', b.status?.podIP ?? ''));
}

function compareAddresses(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** Addresses with the same ports make one subset. */
export function subsetsOf(service: Stored<Service>, pods: readonly Stored<Pod>[]): EndpointSubset[] {
  const publishAll = service.spec?.publishNotReadyAddresses ?? false;
  const byPorts = new Map<string, { ports: ResolvedPort[]; ready: EndpointAddress[]; unready: EndpointAddress[] }>();
  for (const pod of candidates(pods)) {
    if (isTerminating(pod) && !publishAll) continue;
    const ports = portsFor(service, pod);
    if (ports.length === 0 && service.spec?.clusterIP !== 'None') continue;
    const id = canonical(ports);
    const group = byPorts.get(id) ?? { ports, ready: [], unready: [] };
    byPorts.set(id, group);
    (publishAll || isPodReady(pod) ? group.ready : group.unready).push(address(pod, service));
  }
  return [...byPorts.values()].map(({ ports, ready, unready }) => ({
    ...(ready.length > 0 ? { addresses: ready } : {}),
    ...(unready.length > 0 ? { notReadyAddresses: unready } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  }));
}

export interface SliceContent {
  readonly ports: ResolvedPort[];
  readonly endpoints: Endpoint[];
}

export function sliceContents(
  service: Stored<Service>,
  pods: readonly Stored<Pod>[],
  nodes: (name: string) => Stored<Node> | undefined,
): SliceContent[] {
  const publishAll = service.spec?.publishNotReadyAddresses ?? false;
  const byPorts = new Map<string, SliceContent>();
  for (const pod of candidates(pods)) {
    const ports = portsFor(service, pod);
    const id = canonical(ports);
    const content = byPorts.get(id) ?? { ports, endpoints: [] };
    byPorts.set(id, content);
    content.endpoints.push(endpoint(pod, service, publishAll, nodes));
  }
  return [...byPorts.values()];
}

function endpoint(
  pod: Stored<Pod>,
  service: Stored<Service>,
  publishAll: boolean,
  nodes: (name: string) => Stored<Node> | undefined,
): Endpoint {
  const serving = isPodReady(pod);
  const terminating = isTerminating(pod);
  const nodeName = pod.spec?.nodeName;
  const zone = nodes(nodeName ?? '')?.metadata.labels?.['topology.kubernetes.io/zone'];
  const hostname = hostnameFor(pod, service);
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready: publishAll || (serving && !terminating), serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: targetRef(pod),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** When what is published last changed by a pod or by the Service itself. */
export interface Triggers {
  readonly pods: ReadonlyMap<string, string>;
  readonly service: string;
}

/** The earliest of the times that are new since the last look; undefined when none is. */
export function triggerTime(
  before: Triggers | undefined,
  service: Stored<Service>,
  pods: readonly Stored<Pod>[],
): { triggers: Triggers; time: string | undefined } {
  const created = service.metadata.creationTimestamp ?? '';
  const fresh: string[] = created > (before?.service ?? '') ? [created] : [];
  const times = new Map<string, string>();
  for (const pod of pods) {
    const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
    const time = ready?.lastTransitionTime;
    if (!time) continue;
    times.set(pod.metadata.name, time);
    if (time > (before?.pods.get(pod.metadata.name) ?? '')) fresh.push(time);
  }
  return { triggers: { pods: times, service: created }, time: fresh.sort()[0] };
}
