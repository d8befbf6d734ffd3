import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { CommandError } from '../errors.ts';
import { writeFileAtomic } from './files.ts';

/** Second octets of 127.0.0.0/8 that clusters use; low ones are left to other programs. */
const first = 16;
const last = 253;
/** The port whose listener marks a network as taken while a cluster runs. */
const markerPort = 41_000;

/** Loopback addresses of one cluster: Services in the lower half of 127.X.0.0/16, nodes and pods in the upper. */
export interface Network {
  serviceCidr: string;
  /** For what serves this cluster from outside of it; no Service, node or pod has it. */
  ownAddress: string;
  release(): void;
}

/**
 * Takes a network of its own for a state directory: the one of last time, since Services keep their addresses, or one
 * that no running cluster of this machine uses.
 */
export async function reserveNetwork(stateDirectory: string): Promise<Network> {
  const file = networkFile(stateDirectory);
  const known = await readOctet(file);
  if (known !== undefined) {
    const release = await mark(known);
    if (release !== undefined) return network(known, release);
    throw new CommandError(
      `the addresses 127.${known}.* of ${stateDirectory} are used by another running cluster; stop it first`,
    );
  }
  for (const octet of candidates(stateDirectory)) {
    const release = await mark(octet);
    if (release === undefined) continue;
    await writeFileAtomic(file, `${JSON.stringify({ octet })}\n`, 0o644);
    return network(octet, release);
  }
  throw new CommandError('no free network in 127.0.0.0/8: too many clusters run on this machine');
}

/** The cluster's own address of a state directory that was started before. */
export async function knownOwnAddress(stateDirectory: string): Promise<string | undefined> {
  const octet = await readOctet(networkFile(stateDirectory));
  return octet === undefined ? undefined : ownAddress(octet);
}

const networkFile = (stateDirectory: string) => join(stateDirectory, 'network.json');
const ownAddress = (octet: number) => `127.${octet}.255.254`;

function network(octet: number, release: () => void): Network {
  return { serviceCidr: `127.${octet}.0.0/17`, ownAddress: ownAddress(octet), release };
}

async function readOctet(file: string): Promise<number | undefined> {
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as { octet: number }).octet;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** All octets, beginning at a place that differs from directory to directory. */
function candidates(stateDirectory: string): number[] {
  const count = last - first + 1;
  const start = createHash('sha256').update(stateDirectory).digest().readUInt32BE() % count;
  return Array.from({ length: count }, (_, index) => first + ((start + index) % count));
}

/** Marks a network as taken until released; undefined when it is. */
function mark(octet: number): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen(markerPort, ownAddress(octet), () => {
      server.unref();
      resolve(() => server.close());
    });
  });
}
