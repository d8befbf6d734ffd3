/** The key that signs ServiceAccount tokens: ECDSA P-256, made once and kept in the state folder. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../../tls/files.ts';

export interface TokenKey {
  id: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** The public half, as `/openid/v1/jwks` shows it. */
  jwk: { [field: string]: unknown };
}

const FILE = 'service-account.key';

/** Without a folder the key lives as long as the process. */
export function openTokenKey(folder: string | undefined): TokenKey {
  const path = folder === undefined ? undefined : join(folder, FILE);
  const privateKey = path !== undefined && existsSync(path) ? createPrivateKey(readFileSync(path)) : create(path);
  const publicKey = createPublicKey(privateKey);
  const id = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return {
    id,
    privateKey,
    publicKey,
    jwk: { use: 'sig', kid: id, alg: 'ES256', ...publicKey.export({ format: 'jwk' }) },
  };
}

function create(path: string | undefined): KeyObject {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (path !== undefined) writeDurably(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
  return privateKey;
}
