/** The token by which the owner of a cluster is known to its API server. */
import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../node/container-process.ts';

const WHOLE = /^[\w-]{43}$/;

/** The token of a state directory, made at its first start and readable by its owner only. */
export function adminToken(stateDir: string): string {
  const path = join(stateDir, 'admin-token');
  try {
    const token = readFileSync(path, 'utf8').trim();
    chmodSync(path, 0o600);
    if (WHOLE.test(token)) return token;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const token = randomBytes(32).toString('base64url');
  writeDurably(path, `${token}\n`, 0o600);
  return token;
}
