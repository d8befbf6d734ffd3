import { createPrivateKey, randomBytes } from 'node:crypto';
import { generateKey, issueCertificate, type KeyUsage, type Subject } from '@matriarch/kubernetes';

export interface KeyPair {
  /** PEM certificate. */
  cert: string;
  /** PEM private key. */
  key: string;
}

interface Validity {
  now: number;
  days: number;
}

const early = 5 * 60 * 1000;
const day = 24 * 3600 * 1000;

function period({ now, days }: Validity): { notBefore: Date; notAfter: Date } {
  const start = now - early;
  return { notBefore: new Date(start), notAfter: new Date(start + days * day) };
}

/** A self-signed CA; with `key` an existing one is signed again. */
export function issueCA(subject: Subject, validity: Validity, key: string = generateKey()): KeyPair {
  const request = {
    subject,
    ...period(validity),
    serial: randomBytes(16),
    isCA: true,
    keyUsage: ['certSign'] as const,
  };
  return { cert: issueCertificate(request, createPrivateKey(key)), key };
}

export interface Leaf {
  commonName: string;
  usage: 'serverAuth' | 'clientAuth';
  altNames: readonly string[];
}

/** A certificate under a CA; with `key` an existing one is signed again. */
export function issueLeaf(leaf: Leaf, ca: KeyPair, validity: Validity, key: string = generateKey()): KeyPair {
  const keyUsage: KeyUsage[] = ['digitalSignature', 'keyAgreement'];
  if (leaf.usage === 'serverAuth') keyUsage.push('keyEncipherment');
  const cert = issueCertificate(
    {
      subject: { commonName: leaf.commonName },
      ...period(validity),
      serial: randomBytes(16),
      isCA: false,
      keyUsage,
      extendedKeyUsage: leaf.usage,
      altNames: leaf.altNames,
    },
    createPrivateKey(key),
    { cert: ca.cert, key: createPrivateKey(ca.key) },
  );
  return { cert, key };
}
