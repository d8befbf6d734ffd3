/**
 * Gives addresses and node ports to Services. What is taken is read from the Services that are stored, so nothing has to
 * be kept or repaired. It must run in one step with the write: the next one sees what this one took.
 */
import type { ApiObject, FieldError, JsonObject } from '../../registry/types.ts';
import { number, record, records, strings, text } from '../columns/format.ts';
import { invalid, invalidText, shownStrings } from '../validation/problems.ts';
import { type AddressRange, contains, parseRange, toNumber, toText } from './addresses.ts';

export interface AllocatorOptions {
  /** Range of the addresses of Services, e.g. `10.96.0.0/16`. */
  serviceCidr: string;
  /** First and last node port. */
  nodePorts?: readonly [first: number, last: number];
  /** All Services that are stored. */
  services(): Iterable<ApiObject>;
  /** A number from 0 up to but not including `limit`. */
  random(limit: number): number;
}

export interface Allocator {
  /** Fills what a Service lacks; called right before it is stored. What cannot be had is told as causes. */
  allocate(service: ApiObject): FieldError[];
}

interface Taken {
  addresses: Set<string>;
  ports: Set<number>;
}

export function createAllocator(options: AllocatorOptions): Allocator {
  const range = parseRange(options.serviceCidr);
  const ports = options.nodePorts ?? [30000, 32767];

  /** What other Services have. */
  function taken(service: ApiObject): Taken {
    const result: Taken = { addresses: new Set(), ports: new Set() };
    for (const other of options.services()) {
      if (other.metadata.uid === service.metadata.uid) continue;
      const spec = record(other.spec);
      for (const address of strings(spec.clusterIPs)) result.addresses.add(address);
      for (const port of nodePortsOf(spec)) result.ports.add(port);
    }
    return result;
  }

  return {
    allocate(service) {
      const spec = record(service.spec);
      if (spec.type === 'ExternalName') return [];
      spec.ipFamilies ??= ['IPv4'];
      spec.ipFamilyPolicy ??= 'SingleStack';
      const used = taken(service);
      return [
        ...allocateAddress(spec, range, used.addresses, options.random),
        ...allocatePorts(spec, ports, used.ports, options.random),
      ];
    },
  };
}

function nodePortsOf(spec: JsonObject): number[] {
  const health = number(spec.healthCheckNodePort);
  return records(spec.ports)
    .map((port) => number(port.nodePort))
    .concat(health)
    .filter((port) => port > 0);
}

type Random = (limit: number) => number;

function allocateAddress(spec: JsonObject, range: AddressRange, used: Set<string>, random: Random): FieldError[] {
  const wanted = text(spec.clusterIP) || (strings(spec.clusterIPs)[0] ?? '');
  if (wanted === 'None') {
    spec.clusterIP = 'None';
    spec.clusterIPs = ['None'];
    return [];
  }
  const address = wanted === '' ? freeAddress(range, used, random) : wanted;
  if (address === undefined) {
    return [invalidText('spec.clusterIPs', '[]string(nil)', 'failed to allocate a serviceIP: range is full')];
  }
  const problem = wanted === '' ? undefined : addressProblem(wanted, range, used);
  if (problem !== undefined) {
    return [invalidText('spec.clusterIPs', shownStrings([wanted]), `failed to allocate IP ${wanted}: ${problem}`)];
  }
  spec.clusterIP = address;
  spec.clusterIPs = [address];
  return [];
}

function addressProblem(wanted: string, range: AddressRange, used: Set<string>): string | undefined {
  const value = toNumber(wanted);
  if (value === undefined || !contains(range, value)) {
    return `the provided IP (${wanted}) is not in the valid range. The range of valid IPs is ${range.text}`;
  }
  return used.has(wanted) ? 'provided IP is already allocated' : undefined;
}

/** The lowest addresses are left to Services that name theirs. */
function freeAddress(range: AddressRange, used: Set<string>, random: Random): string | undefined {
  const first = Math.min(256, Math.floor(range.size / 16)) + 1;
  const count = range.size - 1 - first;
  const start = random(count);
  for (let step = 0; step < count; step++) {
    const address = toText(range.base + first + ((start + step) % count));
    if (!used.has(address)) return address;
  }
  for (let offset = 1; offset < first; offset++) {
    const address = toText(range.base + offset);
    if (!used.has(address)) return address;
  }
  return undefined;
}

function wantsNodePorts(spec: JsonObject): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

function allocatePorts(
  spec: JsonObject,
  [first, last]: readonly [number, number],
  used: Set<number>,
  random: Random,
): FieldError[] {
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return [];
  const own = new Map<string, number>();
  return records(spec.ports).flatMap((port, index) => {
    const field = `spec.ports[${index}].nodePort`;
    const wanted = number(port.nodePort);
    if (wanted > 0) {
      if (wanted < first || wanted > last) {
        const why = `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
        return [invalid(field, wanted, why)];
      }
      const protocol = `${wanted}/${text(port.protocol)}`;
      if ((used.has(wanted) && !isOwn(own, wanted)) || own.has(protocol))
        return [invalid(field, wanted, 'provided port is already allocated')];
      own.set(protocol, wanted);
      used.add(wanted);
      return [];
    }
    if (!wantsNodePorts(spec)) return [];
    const free = freePort(first, last, used, random);
    if (free === undefined) return [invalid(field, 0, 'failed to allocate a nodePort: range is full')];
    port.nodePort = free;
    used.add(free);
    return [];
  });
}

/** One node port may serve two protocols of the same Service. */
function isOwn(own: ReadonlyMap<string, number>, port: number): boolean {
  return [...own.values()].includes(port);
}

function freePort(first: number, last: number, used: Set<number>, random: Random): number | undefined {
  const count = last - first + 1;
  const start = random(count);
  for (let step = 0; step < count; step++) {
    const port = first + ((start + step) % count);
    if (!used.has(port)) return port;
  }
  return undefined;
}
