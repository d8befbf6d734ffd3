import { X509Certificate } from 'node:crypto';

export interface CertificateFacts {
  readonly notBefore: number;
  readonly notAfter: number;
  readonly altNames: readonly string[];
  readonly certificate: X509Certificate;
}

/** Reads the first certificate of a PEM text; undefined when there is none. */
export function readCertificate(pem: string | undefined): CertificateFacts | undefined {
  if (!pem) return undefined;
  try {
    const certificate = new X509Certificate(pem);
    const names = (certificate.subjectAltName ?? '').split(', ').filter((name) => name !== '');
    return {
      notBefore: certificate.validFromDate.getTime(),
      notAfter: certificate.validToDate.getTime(),
      altNames: names.map((name) => name.replace(/^(DNS|IP Address):/, '')),
      certificate,
    };
  } catch {
    return undefined;
  }
}

const day = 24 * 3600 * 1000;

/** True when a certificate ends within the threshold, or does not hold yet. */
export function isExpiring(facts: CertificateFacts, now: number, thresholdDays: number): boolean {
  return now + thresholdDays * day >= facts.notAfter || now < facts.notBefore;
}

export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  const sorted = (names: readonly string[]) => [...new Set(names)].sort().join('\n');
  return sorted(a) === sorted(b);
}
