/** Signed tokens (RFC 7519 with ES256): making them and reading them. */
import { sign, verify } from 'node:crypto';
import type { TokenKey } from './key.ts';

/** What a ServiceAccount's token says. */
export interface Claims {
  iss: string;
  sub: string;
  aud: string[];
  iat: number;
  nbf: number;
  exp: number;
  'kubernetes.io': {
    namespace: string;
    serviceaccount: { name: string; uid: string };
    pod?: { name: string; uid: string };
    secret?: { name: string; uid: string };
  };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function signToken(claims: Claims, key: TokenKey): string {
  const content = `${encode({ alg: 'ES256', kid: key.id })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(content), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${content}.${signature.toString('base64url')}`;
}

/** The claims when the token is ours and whole, whatever its time and audience; else undefined. */
export function readToken(token: string, key: TokenKey): Claims | undefined {
  const [header, payload, signature, ...rest] = token.split('.');
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) return undefined;
  const decoded = parse(header) as { alg?: unknown } | undefined;
  if (decoded?.alg !== 'ES256') return undefined;
  const content = Buffer.from(`${header}.${payload}`);
  const options = { key: key.publicKey, dsaEncoding: 'ieee-p1363' as const };
  if (!verify('sha256', content, options, Buffer.from(signature, 'base64url'))) return undefined;
  return parse(payload) as Claims | undefined;
}

function parse(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
