/** Tokens of ServiceAccounts: good while their time lasts and what they are bound to exists. */
import { text } from '../../kinds/columns/format.ts';
import type { Lookup } from '../../kinds/lookup.ts';
import type { UserInfo } from '../../registry/types.ts';
import { type Claims, readToken } from './jwt.ts';
import type { TokenKey } from './key.ts';

export const DEFAULT_ISSUER = 'https://kubernetes.default.svc.cluster.local';

export interface TokenVerifier {
  /** Who a token speaks for, when it is meant for one of `audiences`. */
  verify(token: string, audiences: readonly string[]): Verified | Refused;
}

export interface Verified {
  user: UserInfo;
  /** Those of the audiences asked for that the token is meant for. */
  audiences: string[];
}

export interface Refused {
  refused: string;
}

const INVALID = 'invalid bearer token';
const CACHED_TOKENS = 1000;

export function createVerifier(key: TokenKey, issuer: string, lookup: Lookup, now: () => Date): TokenVerifier {
  // Checking a signature is the slow part, and it never changes.
  const known = new Map<string, Claims>();
  const read = (token: string): Claims | undefined => {
    const cached = known.get(token);
    if (cached !== undefined) return cached;
    const claims = readToken(token, key);
    if (claims === undefined || claims.iss !== issuer) return undefined;
    if (known.size >= CACHED_TOKENS) known.delete(known.keys().next().value ?? '');
    known.set(token, claims);
    return claims;
  };
  return {
    verify(token, audiences) {
      const claims = read(token);
      if (claims === undefined) return { refused: INVALID };
      const seconds = now().getTime() / 1000;
      if (seconds >= claims.exp || seconds < claims.nbf - 60) {
        return { refused: `[${INVALID}, service account token has expired]` };
      }
      const matching = audiences.filter((audience) => claims.aud.includes(audience));
      if (matching.length === 0) {
        const list = (all: readonly string[]): string => `[${all.map((one) => JSON.stringify(one)).join(' ')}]`;
        return {
          refused: `[${INVALID}, token audiences ${list(claims.aud)} is invalid for the target audiences ${list(audiences)}]`,
        };
      }
      const gone = missingOwner(claims, lookup);
      return gone === undefined ? { user: userOf(claims), audiences: matching } : { refused: `[${INVALID}, ${gone}]` };
    },
  };
}

function missingOwner(claims: Claims, lookup: Lookup): string | undefined {
  const { namespace, serviceaccount, pod, secret } = claims['kubernetes.io'];
  const checks = [
    ['/serviceaccounts', serviceaccount, 'service account'],
    ['/pods', pod, 'pod'],
    ['/secrets', secret, 'secret'],
  ] as const;
  for (const [table, owner, what] of checks) {
    if (owner === undefined) continue;
    const object = lookup.get(table, namespace, owner.name);
    if (object === undefined || text(object.metadata.uid) !== owner.uid) return `${what} has been invalidated`;
  }
  return undefined;
}

/** The user that a ServiceAccount is. */
export function serviceAccountGroups(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
}

function userOf(claims: Claims): UserInfo {
  const { namespace, serviceaccount, pod } = claims['kubernetes.io'];
  const user = {
    name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    uid: serviceaccount.uid,
    groups: serviceAccountGroups(namespace),
  };
  if (pod === undefined) return user;
  const extra = {
    'authentication.kubernetes.io/pod-name': [pod.name],
    'authentication.kubernetes.io/pod-uid': [pod.uid],
  };
  return { ...user, extra };
}
