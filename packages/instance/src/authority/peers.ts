import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { Cluster } from '@matriarch/api';
import type { Layout } from '../paths.ts';
import type { Peer } from './ballot.ts';
import type { VoteRequest } from './voter.ts';

const statusPort = 8000;
const patienceMs = 1000;

/** Questions to the managers of other instances. */
export interface PeerClient {
  /** Where the managers of the other instances are, or were last. */
  others(cluster: Cluster, self: string): Peer[];
  /** Resolves when the manager answers at all. */
  ping(peer: Peer): Promise<void>;
  askVote(peer: Peer, request: VoteRequest): Promise<boolean>;
  /** Resolves to the milliseconds that the last vote of the peer still counts. */
  askWithdrawal(peer: Peer, term: number): Promise<number>;
  close(): void;
}

/**
 * The Cluster tells only of instances that report to the operator now; one that has stopped to is still looked for where
 * it was, which `addresses` remembers.
 */
export function peersOf({ status }: Cluster, self: string, addresses = new Map<string, string>()): Peer[] {
  for (const [name, { ip = '' }] of Object.entries(status?.instancesReportedState ?? {})) {
    if (ip !== '') addresses.set(name, ip);
  }
  return [...addresses].flatMap(([name, address]) => (name === self ? [] : [{ name, address }]));
}

/**
 * Connections are kept: a question must not wait for a handshake on a busy machine. The chain of the server certificate
 * is checked, its name is not, since it names Services; our own is that of `streaming_replica`.
 */
export function createPeerClient({ certificates }: Layout): PeerClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, timeout: 10_000 });

  const ask = async (peer: Peer, method: 'GET' | 'POST', path: string): Promise<{ status: number; body: string }> => {
    const [ca, cert, key] = await Promise.all(
      ['server-ca.crt', 'streaming_replica.crt', 'streaming_replica.key'].map((name) =>
        readFile(join(certificates, name), 'utf8'),
      ),
    );
    return new Promise((resolve, reject) => {
      const asked = request({
        ...{ host: peer.address, port: statusPort, method, path, agent, ca, cert, key },
        checkServerIdentity: () => undefined,
        signal: AbortSignal.timeout(patienceMs),
      });
      asked.on('response', (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          if (body.length < 1000) body += text;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        response.on('error', reject);
      });
      asked.on('error', (error) =>
        reject(new Error(`${peer.name} (${peer.address}) does not answer`, { cause: error })),
      );
      asked.end();
    });
  };

  const addresses = new Map<string, string>();

  return {
    others: (cluster, self) => peersOf(cluster, self, addresses),
    async ping(peer) {
      const { status } = await ask(peer, 'GET', '/failsafe');
      if (status !== 200) throw new Error(`${peer.name} answered ${status}`);
    },
    async askVote(peer, { primary, term }) {
      const query = new URLSearchParams({ primary, term: String(term) });
      const { status } = await ask(peer, 'GET', `/failsafe?${query}`);
      return status === 200;
    },
    async askWithdrawal(peer, term) {
      const { status, body } = await ask(peer, 'POST', `/failsafe/withdraw?term=${term}`);
      const remaining = status === 200 ? (JSON.parse(body) as { remainingMs?: unknown }).remainingMs : undefined;
      if (typeof remaining !== 'number') throw new Error(`${peer.name} does not withdraw its vote: ${status} ${body}`);
      return remaining;
    },
    close: () => agent.destroy(),
  };
}
