/** Loopback addresses of nodes and pods. */
import { shortHash } from './layout.ts';

const FIRST_OCTET = 16;
const HOSTS = 65_000;

/** Each node has a /16 of its own; the network of the Services is left out. */
export function nodeNetwork(index: number, serviceCidr: string): string {
  const [, service] = serviceCidr.split('.');
  const octet = FIRST_OCTET + index;
  return `127.${octet >= Number(service) ? octet + 1 : octet}`;
}

function address(network: string, host: number): string {
  return `${network}.${host >> 8}.${host & 255}`;
}

export function nodeAddress(network: string): string {
  return address(network, 1);
}

export interface AddressPool {
  allocate(): string;
  /** Takes an address that a pod had before. */
  reserve(ip: string): void;
  release(ip: string): void;
}

/**
 * Addresses in a ring, so that a released one is not used again soon: a client that still has it meets nobody.
 * The ring starts elsewhere for each seed, so that two clusters on one machine rarely meet.
 */
export function createAddressPool(network: string, seed: string): AddressPool {
  const used = new Set<string>();
  let next = Number.parseInt(shortHash(seed, 6), 36) % HOSTS;
  return {
    allocate: () => {
      for (let tried = 0; tried < HOSTS; tried++) {
        next = (next + 1) % HOSTS;
        const ip = address(network, next + 2);
        const last = (next + 2) & 255;
        if (last === 0 || last === 255 || used.has(ip)) continue;
        used.add(ip);
        return ip;
      }
      throw new Error(`no free pod address in ${network}.0.0/16: delete some pods`);
    },
    reserve: (ip) => {
      used.add(ip);
    },
    release: (ip) => {
      used.delete(ip);
    },
  };
}
