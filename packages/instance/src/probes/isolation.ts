import { request } from 'node:https';
import { failed, type ProbeResult, passed } from './types.ts';

/** What the liveness of a primary is decided from. */
export interface LivenessInput {
  readonly isPrimary: boolean;
  readonly apiServerReachable: boolean;
  /** undefined = this manager never saw its Cluster. */
  readonly cluster:
    | { readonly instances: number; readonly isolationCheck: boolean; readonly peers: readonly Peer[] }
    | undefined;
}

export interface Peer {
  readonly name: string;
  readonly address: string;
}

/** Decides without asking anybody where that is possible; otherwise names the peers to ask. */
export function decideLiveness(input: LivenessInput): ProbeResult | { readonly ask: readonly Peer[] } {
  if (!input.isPrimary || input.apiServerReachable || input.cluster === undefined) return passed;
  if (!input.cluster.isolationCheck || input.cluster.instances === 1) return passed;
  return { ask: input.cluster.peers };
}

export interface PingOptions {
  readonly port: number;
  /** PEM of the certificate authority of the instances; undefined = not known yet. */
  readonly authority: string | undefined;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

/** Asks one instance for its sign of life; rejects when none comes. */
export function pingPeer(peer: Peer, options: PingOptions, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timeout = AbortSignal.timeout(options.connectTimeoutMs + options.requestTimeoutMs);
    const asked = request({
      host: peer.address,
      port: options.port,
      path: '/failsafe',
      agent: false,
      ...(options.authority === undefined ? {} : { ca: options.authority }),
      // Certificates name services, not pod addresses.
      checkServerIdentity: () => undefined,
      signal: AbortSignal.any([timeout, signal]),
    });
    asked.on('response', (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${peer.name} answered ${response.statusCode}`));
    });
    asked.on('error', (error) => reject(new Error(`${peer.name} (${peer.address}) does not answer`, { cause: error })));
    asked.end();
  });
}

/** A primary that sees neither the API server nor one of its peers must assume that it was cut off. */
export async function askPeers(peers: readonly Peer[], ping: (peer: Peer) => Promise<void>): Promise<ProbeResult> {
  const results = await Promise.allSettled(peers.map(ping));
  const refused = results.find((result) => result.status === 'rejected');
  if (refused === undefined) return passed;
  return failed(refused.reason instanceof Error ? refused.reason.message : String(refused.reason));
}
