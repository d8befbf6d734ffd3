import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import * as der from './der.ts';

const oids = {
  commonName: '2.5.4.3',
  organizationalUnit: '2.5.4.11',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

/** Bits of the keyUsage extension, counted from the first. */
const keyUsageBits = { digitalSignature: 0, keyEncipherment: 2, keyAgreement: 4, certSign: 5 } as const;
export type KeyUsage = keyof typeof keyUsageBits;

export interface Subject {
  commonName: string;
  organizationalUnit?: string;
}

export interface CertificateRequest {
  subject: Subject;
  notBefore: Date;
  notAfter: Date;
  /** 16 random bytes. */
  serial: Buffer;
  isCA: boolean;
  keyUsage: readonly KeyUsage[];
  extendedKeyUsage?: 'serverAuth' | 'clientAuth';
  /** DNS names and IP addresses. */
  altNames?: readonly string[];
}

export interface Issuer {
  /** PEM. */
  cert: string;
  key: KeyObject;
}

/** A new EC P-256 key, in the PEM form `EC PRIVATE KEY`. */
export function generateKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export({ type: 'sec1', format: 'pem' }).toString();
}

/** Makes a certificate for `key` (PEM comes out), signed by `issuer`, or by `key` itself when there is none. */
export function issueCertificate(request: CertificateRequest, key: KeyObject, issuer?: Issuer): string {
  const publicKey = spki(key);
  const signer = issuer?.key ?? key;
  const issuerName = issuer ? subjectBytes(issuer.cert) : name(request.subject);
  const algorithm = der.sequence(der.objectIdentifier(oids.ecdsaWithSha256));
  if (signer.asymmetricKeyType !== 'ec') throw new Error('the key of the CA must be an elliptic curve key');
  const body = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    der.integer(positive(request.serial)),
    algorithm,
    issuerName,
    der.sequence(der.time(request.notBefore), der.time(request.notAfter)),
    name(request.subject),
    publicKey,
    der.explicit(3, der.sequence(...extensions(request, publicKey, spki(signer)))),
  );
  const signature = sign('sha256', body, signer);
  return pem('CERTIFICATE', der.sequence(body, algorithm, der.bitString(signature)));
}

/** Hex SHA-256 of the SubjectPublicKeyInfo. */
export function publicKeyFingerprint(certificatePem: string): string {
  const certificate = new X509Certificate(certificatePem);
  return createHash('sha256').update(spki(certificate.publicKey)).digest('hex');
}

function spki(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key.export({ type: 'pkcs8', format: 'pem' })) : key;
  return publicKey.export({ type: 'spki', format: 'der' });
}

function positive(serial: Buffer): Buffer {
  const copy = Buffer.from(serial);
  copy[0] = ((copy[0] ?? 0) & 0x7f) | 0x40;
  return copy;
}

function name({ commonName, organizationalUnit }: Subject): Buffer {
  const attribute = (oid: string, value: string) =>
    der.set(der.sequence(der.objectIdentifier(oid), der.utf8String(value)));
  const unit = organizationalUnit ? [attribute(oids.organizationalUnit, organizationalUnit)] : [];
  return der.sequence(...unit, attribute(oids.commonName, commonName));
}

function extensions(request: CertificateRequest, subjectKey: Buffer, issuerKey: Buffer): Buffer[] {
  const list = [
    extension(oids.keyUsage, keyUsage(request.keyUsage), { critical: true }),
    extension(oids.basicConstraints, request.isCA ? der.sequence(der.boolean(true)) : der.sequence(), {
      critical: true,
    }),
    extension(oids.subjectKeyIdentifier, der.octetString(keyIdentifier(subjectKey))),
    extension(oids.authorityKeyIdentifier, der.sequence(der.implicit(0, keyIdentifier(issuerKey)))),
  ];
  if (request.extendedKeyUsage) {
    list.push(extension(oids.extendedKeyUsage, der.sequence(der.objectIdentifier(oids[request.extendedKeyUsage]))));
  }
  const names = request.altNames ?? [];
  if (names.length > 0) list.push(extension(oids.subjectAlternativeName, der.sequence(...names.map(generalName))));
  return list;
}

function extension(oid: string, value: Buffer, { critical = false } = {}): Buffer {
  return der.sequence(der.objectIdentifier(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value));
}

function keyUsage(usages: readonly KeyUsage[]): Buffer {
  const bits = usages.map((usage) => keyUsageBits[usage]);
  const last = Math.max(...bits);
  const byte = bits.reduce<number>((sum, bit) => sum | (0x80 >>> bit), 0);
  return der.bitString(Buffer.from([byte]), 7 - last);
}

function keyIdentifier(publicKeyInfo: Buffer): Buffer {
  return createHash('sha1').update(publicKeyInfo).digest();
}

function generalName(text: string): Buffer {
  if (isIP(text) === 4) return der.implicit(7, Buffer.from(text.split('.').map(Number)));
  return der.implicit(2, Buffer.from(text, 'ascii'));
}

/** The subject of a certificate, byte for byte, so that the chain matches whatever wrote it. */
function subjectBytes(certificatePem: string): Buffer {
  const raw = new X509Certificate(certificatePem).raw;
  const certificate = element(raw, 0);
  const body = element(raw, certificate.start);
  let at = body.start;
  if (raw[at] === 0xa0) at = element(raw, at).end;
  for (let skipped = 0; skipped < 4; skipped += 1) at = element(raw, at).end;
  return Buffer.from(raw.subarray(at, element(raw, at).end));
}

/** Where the content of the element at `at` starts, and where the element ends. */
function element(bytes: Buffer, at: number): { start: number; end: number } {
  const first = bytes[at + 1] ?? 0;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const count = first & 0x7f;
  const length = bytes.readUIntBE(at + 2, count);
  return { start: at + 2 + count, end: at + 2 + count + length };
}

function pem(label: string, bytes: Buffer): string {
  const text = bytes
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trimEnd();
  return `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;
}
