import { isIP } from 'node:net';
import { readIfExists } from './files/atomic.ts';

/** Finds a name in the text of a hosts file: as it is written, or as a Service of the pod's own namespace. */
export function findHost(text: string, name: string, namespace: string): string | undefined {
  const wanted = [name, `${name}.${namespace}`];
  for (const line of text.split('\n')) {
    const [address, ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    if (address !== undefined && isIP(address) !== 0 && wanted.some((entry) => names.includes(entry))) return address;
  }
  return undefined;
}

export interface HostResolver {
  /** The address to write beside the name, or undefined where the name resolves by itself. */
  addressOf(name: string): Promise<string | undefined>;
}

/**
 * Names of Services without DNS. Only a node that has no DNS for its pods sets a hosts file, and then the file is
 * asked first: an unanswered DNS query would cost seconds at every start.
 */
export function hostResolver(hostsFile: string | undefined, namespace: string): HostResolver {
  return {
    async addressOf(name) {
      if (hostsFile === undefined || isIP(name) !== 0) return undefined;
      return findHost((await readIfExists(hostsFile)) ?? '', name, namespace);
    },
  };
}
