/** The cluster's certificate authority and what it signs. Keys are ECDSA P-256, kept in the state folder, mode 0600. */

import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { writeDurably } from './files.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 24 * 3600 * 1000;
const YEAR_MS = 365 * DAY_MS;

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

const isAddress = (name: string): boolean => /^[\d.]+$/.test(name) || name.includes(':');

function escapeName(text: string): string {
  return text.replace(/[\\,+"<>;=#]/g, '\\$&');
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
}

const generateKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;

const pem = (certificate: x509.X509Certificate): string => `${certificate.toString('pem')}\n`;

async function selfSigned(name: string, now: Date): Promise<KeyPair> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(8).toString('hex'),
    name: `CN=${escapeName(name)}`,
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + 10 * YEAR_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pem(certificate), key: await exportKey(keys.privateKey) };
}

interface Leaf {
  subject: string;
  names: readonly string[];
  usage: x509.ExtendedKeyUsage;
}

async function sign(authority: KeyPair, leaf: Leaf, now: Date): Promise<KeyPair> {
  const keys = await generateKeys();
  const issuer = new x509.X509Certificate(authority.cert);
  const names = leaf.names.map((value) => ({ type: isAddress(value) ? ('ip' as const) : ('dns' as const), value }));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomBytes(8).toString('hex'),
    subject: leaf.subject,
    issuer: issuer.subject,
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + 2 * YEAR_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([leaf.usage]),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ],
  });
  return { cert: pem(certificate), key: await exportKey(keys.privateKey) };
}

/** From `ca.crt` and `ca.key` in `folder`, made there when absent; without a folder a new one that is kept nowhere. */
export async function openAuthority(folder: string | undefined, now = new Date()): Promise<Authority> {
  const own = await load(folder, now);
  return {
    ...own,
    server: (commonName, names) =>
      sign(own, { subject: `CN=${escapeName(commonName)}`, names, usage: x509.ExtendedKeyUsage.serverAuth }, now),
    client(user, groups) {
      const subject = [`CN=${escapeName(user)}`, ...groups.map((group) => `O=${escapeName(group)}`)].join(', ');
      return sign(own, { subject, names: [], usage: x509.ExtendedKeyUsage.clientAuth }, now);
    },
  };
}

async function load(folder: string | undefined, now: Date): Promise<KeyPair> {
  if (folder === undefined) return selfSigned('kubernetes', now);
  const [cert, key] = [join(folder, 'ca.crt'), join(folder, 'ca.key')];
  if (existsSync(cert) && existsSync(key)) return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  const made = await selfSigned('kubernetes', now);
  writeDurably(key, made.key, 0o600);
  writeDurably(cert, made.cert, 0o644);
  return made;
}
