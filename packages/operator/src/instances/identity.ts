import { createPrivateKey, randomBytes } from 'node:crypto';
import { generateKey, issueCertificate, publicKeyFingerprint } from '@matriarch/kubernetes';

/** Who we are to the instance managers: a key of this process, pinned in the status of every cluster. */
export interface OperatorIdentity {
  readonly cert: string;
  readonly key: string;
  readonly fingerprint: string;
}

export function createIdentity(commonName: string, now: number): OperatorIdentity {
  const key = generateKey();
  const cert = issueCertificate(
    {
      subject: { commonName },
      notBefore: new Date(now - 300_000),
      notAfter: new Date('9999-12-31T23:59:59Z'),
      serial: randomBytes(16),
      isCA: false,
      keyUsage: ['digitalSignature', 'keyAgreement'],
      extendedKeyUsage: 'clientAuth',
    },
    createPrivateKey(key),
  );
  return { cert, key, fingerprint: publicKeyFingerprint(cert) };
}
