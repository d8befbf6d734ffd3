import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { S3Error } from './errors.ts';

/** AWS Signature Version 4 ("Authenticating Requests (AWS Signature Version 4)", Amazon S3 API reference). */

const algorithm = 'AWS4-HMAC-SHA256';
/** How far a client's clock may be off. */
const maxSkewMs = 15 * 60_000;

export interface SignedRequest {
  method: string;
  /** Path as sent, before any `?`, percent-encoded. */
  rawPath: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
}

export interface SignatureFacts {
  accessKeyId: string;
  sessionToken: string | undefined;
  /** `<date>/<region>/<service>/aws4_request`. */
  scope: string;
  /** `YYYYMMDDTHHMMSSZ`. */
  timestamp: string;
  signedHeaders: readonly string[];
  signature: string;
  /** Value of x-amz-content-sha256. */
  payload: string;
}

/**
 * Reads a request's signature from its headers or, for a presigned URL, from its query.
 * @throws S3Error `AccessDenied` without one, `AuthorizationHeaderMalformed` for one that cannot be read.
 */
export function readSignature(request: SignedRequest): SignatureFacts {
  const presigned = request.query.get('X-Amz-Algorithm') !== null;
  return presigned ? readQuery(request.query) : readHeaders(request.headers);
}

function readHeaders(headers: IncomingHttpHeaders): SignatureFacts {
  const { authorization } = headers;
  if (authorization === undefined) throw new S3Error('AccessDenied', 'The request is not signed.');
  const match = /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(
    authorization,
  );
  const timestamp = single(headers['x-amz-date']);
  const payload = single(headers['x-amz-content-sha256']) ?? emptyHash;
  if (match === null || timestamp === undefined) {
    throw new S3Error('AuthorizationHeaderMalformed', 'The Authorization header is not a Signature Version 4.');
  }
  const [, credential = '', signedHeaders = '', signature = ''] = match;
  const sessionToken = single(headers['x-amz-security-token']);
  return {
    ...readCredential(credential),
    timestamp,
    payload,
    sessionToken,
    signature,
    signedHeaders: signedHeaders.split(';'),
  };
}

function readQuery(query: URLSearchParams): SignatureFacts {
  const get = (name: string) => query.get(`X-Amz-${name}`) ?? '';
  return {
    ...readCredential(get('Credential')),
    timestamp: get('Date'),
    payload: 'UNSIGNED-PAYLOAD',
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    signature: get('Signature'),
    signedHeaders: get('SignedHeaders').split(';'),
  };
}

function readCredential(credential: string): { accessKeyId: string; scope: string } {
  const match = /^([^/]+)\/(\d{8}\/[^/]+\/[^/]+\/aws4_request)$/.exec(credential);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new S3Error(
      'AuthorizationHeaderMalformed',
      `The credential "${credential}" has no date, region and service.`,
    );
  }
  return { accessKeyId: match[1], scope: match[2] };
}

const emptyHash = createHash('sha256').update('').digest('hex');

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}

/**
 * Compares the signature with the one that `secret` gives.
 * @throws S3Error `SignatureDoesNotMatch`, or `RequestTimeTooSkewed` for a time too far from `now`.
 */
export function verifySignature(request: SignedRequest, facts: SignatureFacts, secret: string, now: Date): void {
  checkTime(request.query, facts, now);
  const key = signingKey(secret, facts.scope);
  const expected = Buffer.from(hmac(key, stringToSign(request, facts)).toString('hex'));
  const given = Buffer.from(facts.signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
    throw new S3Error(
      'SignatureDoesNotMatch',
      'The request signature does not match; check the secret access key and the way the request was signed.',
    );
  }
}

function checkTime(query: URLSearchParams, facts: SignatureFacts, now: Date): void {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(facts.timestamp);
  const time =
    match === null ? Number.NaN : Date.parse(facts.timestamp.replace(/^(....)(..)(..T..)(..)/, '$1-$2-$3:$4:'));
  const expires = Number(query.get('X-Amz-Expires') ?? 0) * 1000;
  const age = now.getTime() - time;
  if (!(age > -maxSkewMs && age < Math.max(maxSkewMs, expires))) {
    throw new S3Error('RequestTimeTooSkewed', `The request is of ${facts.timestamp}, too far from the server's time.`);
  }
}

/** Key for signatures in a scope; also signs the chunks of a streamed body. */
export function signingKey(secret: string, scope: string): Buffer {
  return scope.split('/').reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`));
}

export function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function stringToSign(request: SignedRequest, facts: SignatureFacts): string {
  const canonical = createHash('sha256').update(canonicalRequest(request, facts)).digest('hex');
  return [algorithm, facts.timestamp, facts.scope, canonical].join('\n');
}

function canonicalRequest(request: SignedRequest, facts: SignatureFacts): string {
  const headers = facts.signedHeaders.map((name) => {
    const value = single(request.headers[name]) ?? '';
    return `${name}:${value.trim().replace(/ +/g, ' ')}\n`;
  });
  return [
    request.method,
    request.rawPath
      .split('/')
      .map((part) => encode(decodeURIComponent(part)))
      .join('/'),
    canonicalQuery(request.query),
    headers.join(''),
    facts.signedHeaders.join(';'),
    facts.payload,
  ].join('\n');
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

/** Percent-encoding of all but the unreserved characters of RFC 3986. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
