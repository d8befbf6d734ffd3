/** Services: defaults, addresses and what an update keeps. */
import type { ApiObject, JsonObject, Strategy } from '../../registry/types.ts';
import { record, records, strings, text } from '../columns/format.ts';
import { validateService, validateServiceUpdate } from '../validation/service.ts';
import { fill } from './pod-defaults.ts';

const CLIENT_IP_SECONDS = 10_800;

function setDefaults(service: ApiObject): void {
  const spec = record(service.spec);
  service.spec = spec;
  fill(spec, 'sessionAffinity', 'None');
  fill(spec, 'type', 'ClusterIP');
  if (spec.sessionAffinity === 'ClientIP') {
    const config = record(spec.sessionAffinityConfig);
    const clientIP = record(config.clientIP);
    fill(clientIP, 'timeoutSeconds', CLIENT_IP_SECONDS);
    spec.sessionAffinityConfig = { ...config, clientIP };
  } else {
    delete spec.sessionAffinityConfig;
  }
  for (const port of records(spec.ports)) {
    fill(port, 'protocol', 'TCP');
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '')
      port.targetPort = port.port ?? 0;
  }
  if (isExposed(spec)) fill(spec, 'externalTrafficPolicy', 'Cluster');
  if (spec.type !== 'ExternalName') fill(spec, 'internalTrafficPolicy', 'Cluster');
  if (spec.type === 'LoadBalancer') fill(spec, 'allocateLoadBalancerNodePorts', true);
}

function isExposed(spec: JsonObject): boolean {
  return spec.type === 'NodePort' || spec.type === 'LoadBalancer';
}

/** What a client left out is taken from before: addresses, families and node ports. */
function keepAllocated(service: ApiObject, old: ApiObject): void {
  const [spec, before] = [record(service.spec), record(old.spec)];
  if (spec.type === 'ExternalName') {
    if (before.type !== 'ExternalName') dropAllocated(spec, before);
    return;
  }
  if (before.type === 'ExternalName') return;
  if (text(spec.clusterIP) === '' && strings(spec.clusterIPs).length === 0) {
    if (before.clusterIP !== undefined) spec.clusterIP = before.clusterIP;
    if (before.clusterIPs !== undefined) spec.clusterIPs = before.clusterIPs;
  } else if (text(spec.clusterIP) !== text(before.clusterIP) && sameStrings(spec.clusterIPs, before.clusterIPs)) {
    // Clients that know only the single field change only that one.
    spec.clusterIPs = [text(spec.clusterIP)];
  } else if (strings(spec.clusterIPs).length === 0) {
    spec.clusterIPs = [text(spec.clusterIP)];
  }
  for (const field of ['ipFamilies', 'ipFamilyPolicy'])
    if (before[field] !== undefined) fill(spec, field, before[field]);
  keepNodePorts(spec, before);
}

function sameStrings(a: unknown, b: unknown): boolean {
  return JSON.stringify(strings(a)) === JSON.stringify(strings(b));
}

function dropAllocated(spec: JsonObject, before: JsonObject): void {
  for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy']) {
    if (JSON.stringify(spec[field]) === JSON.stringify(before[field])) delete spec[field];
  }
}

function keepNodePorts(spec: JsonObject, before: JsonObject): void {
  const old = records(before.ports);
  for (const port of records(spec.ports)) {
    const same = old.find((other) => other.port === port.port && other.protocol === port.protocol);
    if (isExposed(spec) && isExposed(before) && port.nodePort === undefined && same?.nodePort !== undefined) {
      port.nodePort = same.nodePort;
    }
    // A node port that was not asked for goes when the type no longer has any.
    if (!isExposed(spec) && isExposed(before) && port.nodePort === same?.nodePort) delete port.nodePort;
  }
  if (!isExposed(spec) && isExposed(before)) {
    if (spec.externalTrafficPolicy === before.externalTrafficPolicy) delete spec.externalTrafficPolicy;
    if (spec.healthCheckNodePort === before.healthCheckNodePort) delete spec.healthCheckNodePort;
  }
  if (spec.type !== 'LoadBalancer') delete spec.allocateLoadBalancerNodePorts;
}

export const serviceStrategy: Strategy = {
  names: 'label1035',
  createOnUpdate: true,
  returnsDeleted: true,
  setDefaults,
  prepareForUpdate: keepAllocated,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
};
