/** Loopback addresses of nodes and pods. With the Services of their cluster they lie in one /16 of 127.0.0.0/8. */
import { parseRange, toNumber, toText } from '../apiserver/kinds/network/addresses.ts';
import { shortHash } from './layout.ts';

/** The addresses of one node: its own is the first, those of its pods follow. */
export interface NodeRange {
  /** As a number. */
  readonly base: number;
  readonly size: number;
}

const LOOPBACK = 127;
const SIXTEEN = 2 ** 16;
const HALF = SIXTEEN / 2;
/** Of a node, so long as all have room; 510 for pods. */
const USUAL_SIZE = 512;
const LEAST_SIZE = 256;

/**
 * Where the nodes are: in the upper half of the Services' own /16 when these keep to its lower half, as in 127.20.0.0/17;
 * else in the upper half of the /16 after theirs, or, when they are not on the loopback, of 127.(their second octet).
 */
function upperHalf(serviceCidr: string): number {
  const services = parseRange(serviceCidr);
  const last = services.base + services.size - 1;
  const start = services.base - (services.base % SIXTEEN);
  const isLoopback = Math.floor(services.base / 2 ** 24) === LOOPBACK;
  if (isLoopback && last < start + HALF) return start + HALF;
  if (isLoopback && last + 1 + SIXTEEN <= (LOOPBACK + 1) * 2 ** 24) return last + 1 - ((last + 1) % SIXTEEN) + HALF;
  if (isLoopback) return start - SIXTEEN + HALF;
  return LOOPBACK * 2 ** 24 + (Math.floor(start / SIXTEEN) % 256) * SIXTEEN + HALF;
}

/**
 * Range of a node among `count`. With a usual number of nodes it does not depend on that number, so pods keep their
 * addresses when nodes come and go. The last 256 addresses of the /16 stay free for the cluster itself.
 */
export function nodeRange(index: number, count: number, serviceCidr: string): NodeRange {
  const room = HALF - LEAST_SIZE;
  const size = count * USUAL_SIZE <= room ? USUAL_SIZE : LEAST_SIZE;
  if (count * size > room) {
    throw new RangeError(`${count} nodes: there are addresses for ${room / LEAST_SIZE}; start with fewer nodes`);
  }
  return { base: upperHalf(serviceCidr) + index * size, size };
}

export function nodeAddress(range: NodeRange): string {
  return toText(range.base + 1);
}

/** The range as a node's podCIDR, e.g. `127.20.128.0/23`. */
export function cidrOf({ base, size }: NodeRange): string {
  return `${toText(base)}/${32 - Math.log2(size)}`;
}

export interface AddressPool {
  allocate(): string;
  /** Whether a pod may have this address. */
  contains(ip: string): boolean;
  /** Takes an address that a pod had before. */
  reserve(ip: string): void;
  release(ip: string): void;
}

/**
 * Addresses in a ring, so that a released one is not used again soon: a client that still has it meets nobody.
 * The ring starts elsewhere for each seed.
 */
export function createAddressPool(range: NodeRange, seed: string): AddressPool {
  const used = new Set<number>();
  let next = Number.parseInt(shortHash(seed, 6), 36) % range.size;
  const isForPods = (address: number): boolean => {
    const octet = address % 256;
    return address > range.base + 1 && address < range.base + range.size && octet !== 0 && octet !== 255;
  };
  return {
    allocate: () => {
      for (let tried = 0; tried < range.size; tried++) {
        next = (next + 1) % range.size;
        const address = range.base + next;
        if (!isForPods(address) || used.has(address)) continue;
        used.add(address);
        return toText(address);
      }
      throw new Error(`no free pod address in ${cidrOf(range)}: delete some pods`);
    },
    contains: (ip) => isForPods(toNumber(ip) ?? 0),
    reserve: (ip) => {
      used.add(toNumber(ip) ?? 0);
    },
    release: (ip) => {
      used.delete(toNumber(ip) ?? 0);
    },
  };
}
