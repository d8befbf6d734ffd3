/** Who sends a request: by client certificate, token of the administrator, or token of a ServiceAccount. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { UserInfo } from '../registry/types.ts';
import type { TokenVerifier } from './tokens/service-account.ts';

export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
export const AUTHENTICATED = 'system:authenticated';

export interface AuthenticationParts {
  verifier: TokenVerifier;
  /** Audiences that a token must be meant for to be good here. */
  audiences: readonly string[];
  /** A token that makes its bearer a superuser. Absent: there is none. */
  adminToken?: string;
}

/** undefined: the credentials are wrong. None at all, or of an unknown kind: anonymous. */
export function authenticate(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  parts: AuthenticationParts,
): UserInfo | undefined {
  const user = fromCertificate(request.socket as TLSSocket);
  if (user !== undefined) return user;
  const token = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1]?.trim();
  if (token === undefined) return ANONYMOUS;
  if (parts.adminToken !== undefined && sameSecret(token, parts.adminToken)) {
    return { name: 'admin', groups: ['system:masters', AUTHENTICATED] };
  }
  const verdict = parts.verifier.verify(token, parts.audiences);
  return 'user' in verdict ? verdict.user : undefined;
}

/** Reading a certificate takes longer than many a request: a connection has one user. */
const certified = new WeakMap<TLSSocket, UserInfo>();

function fromCertificate(socket: TLSSocket): UserInfo | undefined {
  const known = certified.get(socket);
  if (known !== undefined) return known;
  const user = readCertificate(socket);
  if (user !== undefined) certified.set(socket, user);
  return user;
}

/** The common name is the user, the organizations are the groups. */
function readCertificate(socket: TLSSocket): UserInfo | undefined {
  if (socket.authorized !== true || typeof socket.getPeerCertificate !== 'function') return undefined;
  const subject = socket.getPeerCertificate().subject as { CN?: string | string[]; O?: string | string[] } | undefined;
  const [name] = [subject?.CN ?? []].flat();
  if (name === undefined || name === '') return undefined;
  return { name, groups: [...[subject?.O ?? []].flat(), AUTHENTICATED] };
}

function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
