import { createHmac, randomBytes } from 'node:crypto';
import { S3Error } from './errors.ts';

/** Who signed a request. */
export type Principal = { kind: 'owner' } | { kind: 'role'; role: string };

export interface SecretKeys {
  accessKeyId: string;
  secretAccessKey: string;
  /** Signs temporary credentials; never leaves the server. */
  masterKey: string;
}

export interface TemporaryCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: Date;
}

/** Keys for a new store. */
export function generateKeys(): SecretKeys {
  return {
    accessKeyId: `AKIA${letters(16)}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    masterKey: randomBytes(32).toString('hex'),
  };
}

function letters(count: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return [...randomBytes(count)].map((byte) => alphabet[byte % 32]).join('');
}

const derive = (masterKey: string, purpose: string, text: string) =>
  createHmac('sha256', masterKey).update(`${purpose}\0${text}`).digest('base64url');

/**
 * Credentials of a role for `seconds`. Nothing is stored: the session token carries role and end, signed with the
 * master key, and the secret follows from the access key, so that they outlive a restart of the server.
 */
export function issueCredentials(keys: SecretKeys, role: string, seconds: number, now: Date): TemporaryCredentials {
  const accessKeyId = `ASIA${letters(16)}`;
  const expiration = new Date(now.getTime() + seconds * 1000);
  const claims = Buffer.from(JSON.stringify({ accessKeyId, role, end: expiration.getTime() })).toString('base64url');
  return {
    accessKeyId,
    secretAccessKey: derive(keys.masterKey, 'secret', accessKeyId),
    sessionToken: `${claims}.${derive(keys.masterKey, 'session', claims)}`,
    expiration,
  };
}

/**
 * Principal and secret of an access key.
 * @throws S3Error `InvalidAccessKeyId`, `InvalidToken` or `ExpiredToken`.
 */
export function lookUpKey(
  keys: SecretKeys,
  accessKeyId: string,
  sessionToken: string | undefined,
  now: Date,
): { principal: Principal; secret: string } {
  if (accessKeyId === keys.accessKeyId) return { principal: { kind: 'owner' }, secret: keys.secretAccessKey };
  if (!accessKeyId.startsWith('ASIA') || sessionToken === undefined) {
    throw new S3Error('InvalidAccessKeyId', `The access key "${accessKeyId}" is not known here.`);
  }
  const [claims = '', signature] = sessionToken.split('.');
  if (signature !== derive(keys.masterKey, 'session', claims)) {
    throw new S3Error('InvalidToken', 'The session token was not issued by this server.');
  }
  const { role, end, accessKeyId: own } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Claims;
  if (own !== accessKeyId) throw new S3Error('InvalidToken', 'The session token belongs to another access key.');
  if (end < now.getTime()) throw new S3Error('ExpiredToken', 'The session token has expired.');
  return { principal: { kind: 'role', role }, secret: derive(keys.masterKey, 'secret', accessKeyId) };
}

interface Claims {
  accessKeyId: string;
  role: string;
  end: number;
}
