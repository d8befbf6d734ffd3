/** The cluster's certificate authority and what it signs. Keys are ECDSA P-256, kept in the state folder, mode 0600. */

import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from './files.ts';

export interface KeyPair {
  /** PEM. */
  cert: string;
  /** PEM, PKCS#8. */
  key: string;
}

export interface Authority extends KeyPair {
  /** Signs a certificate for a server. `names` are DNS names and addresses. */
  server(commonName: string, names: readonly string[]): Promise<KeyPair>;
  /** Signs a certificate for a client: the name is the user, `groups` become organizations. */
  client(user: string, groups: readonly string[]): Promise<KeyPair>;
}

/** A kept certificate is made anew when it is good for less than this. */
const LEAST_LEFT_MS = 30 * 24 * 3600 * 1000;

const signing = () => import('./sign.ts');

/** From `ca.crt` and `ca.key` in `folder`, made there when absent; without a folder a new one that is kept nowhere. */
export async function openAuthority(folder: string | undefined, now = new Date()): Promise<Authority> {
  const own = await load(folder, now);
  return {
    ...own,
    async server(commonName, names) {
      const kept = folder === undefined ? undefined : readServing(folder, own, names, now);
      if (kept !== undefined) return kept;
      const made = await (await signing()).sign(own, { user: commonName, groups: [], names, usage: 'server' }, now);
      if (folder !== undefined) keep(folder, SERVING, made);
      return made;
    },
    async client(user, groups) {
      return (await signing()).sign(own, { user, groups, names: [], usage: 'client' }, now);
    },
  };
}

const AUTHORITY = 'ca';
const SERVING = 'apiserver';

function read(folder: string, name: string): KeyPair | undefined {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  if (!existsSync(cert) || !existsSync(key)) return undefined;
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}

/** The certificate last: it is there only when its key is. */
function keep(folder: string, name: string, made: KeyPair): void {
  rmSync(join(folder, `${name}.crt`), { force: true });
  writeDurably(join(folder, `${name}.key`), made.key, 0o600);
  writeDurably(join(folder, `${name}.crt`), made.cert, 0o644);
}

/** The server's certificate of an earlier start, when it is from this authority, for these names, and good for a while. */
function readServing(folder: string, own: KeyPair, names: readonly string[], now: Date): KeyPair | undefined {
  const kept = read(folder, SERVING);
  if (kept === undefined) return undefined;
  const certificate = new X509Certificate(kept.cert);
  const isOurs = certificate.verify(new X509Certificate(own.cert).publicKey);
  const lasts = certificate.validToDate.getTime() - now.getTime() >= LEAST_LEFT_MS;
  const fits = (name: string) => Boolean(certificate.checkHost(name) ?? certificate.checkIP(name));
  return isOurs && lasts && names.every(fits) ? kept : undefined;
}

async function load(folder: string | undefined, now: Date): Promise<KeyPair> {
  const kept = folder === undefined ? undefined : read(folder, AUTHORITY);
  if (kept !== undefined) return kept;
  const made = await (await signing()).selfSigned('kubernetes', now);
  if (folder !== undefined) keep(folder, AUTHORITY, made);
  return made;
}
