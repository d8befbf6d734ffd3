import { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { readIfExists } from '../files/atomic.ts';
import { type Handler, json, type RouteRequest, text } from '../http/router.ts';
import type { Ballot } from './ballot.ts';

export interface BallotParts {
  readonly podName: string;
  readonly ballot: Ballot;
  readonly targetPrimary: () => string;
  /** File with the CA that signs the certificates of clients. */
  readonly clientAuthority: string;
}

/**
 * `/failsafe` alone is a sign of life. With `primary` and `term` it asks for a vote, which needs no proof of who asks: it
 * can only make a candidate wait some seconds longer. A withdrawal can end a primary, so it is for instances only.
 */
export function ballotRoutes(parts: BallotParts): Readonly<Record<string, Handler>> {
  return {
    '/failsafe': ({ query }) => {
      const primary = query.get('primary');
      const term = termOf(query);
      if (primary === null || term === undefined) return text(200, 'OK');
      const vote = parts.ballot.vote({ primary, term }, { self: parts.podName, targetPrimary: parts.targetPrimary() });
      return vote.granted ? text(200, 'OK') : text(409, vote.reason);
    },
    '/failsafe/withdraw': async (request) => {
      if (request.method !== 'POST') return text(405, 'a withdrawal is a POST request');
      const term = termOf(request.query);
      if (term === undefined) return text(400, 'term: a number is needed');
      if (!(await isInstance(request, parts.clientAuthority))) return text(401, 'instance certificate required');
      return json(200, { remainingMs: parts.ballot.withdraw(term) });
    },
  };
}

function termOf(query: URLSearchParams): number | undefined {
  const value = query.get('term') ?? '';
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** Instances show the certificate with which they replicate. */
async function isInstance({ raw }: RouteRequest, authority: string): Promise<boolean> {
  const shown = raw.socket instanceof TLSSocket ? raw.socket.getPeerX509Certificate() : undefined;
  const bundle = await readIfExists(authority);
  if (shown === undefined || bundle === undefined || !/(^|\n)CN=streaming_replica(\n|$)/.test(shown.subject))
    return false;
  const now = Date.now();
  if (Date.parse(shown.validFrom) > now || Date.parse(shown.validTo) < now) return false;
  return certificatesIn(bundle).some((ca) => shown.checkIssued(ca) && shown.verify(ca.publicKey));
}

function certificatesIn(bundle: string): X509Certificate[] {
  const blocks = bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}
