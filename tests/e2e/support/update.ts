import { createPrivateKey, randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { generateKey, issueCertificate, publicKeyFingerprint } from '@matriarch/kubernetes';

/** A client certificate, and the fingerprint by which a manager knows it for the operator's. */
export interface Caller {
  readonly cert: string;
  readonly key: string;
  readonly fingerprint: string;
}

export function newCaller(): Caller {
  const key = generateKey();
  const cert = issueCertificate(
    {
      subject: { commonName: 'operator' },
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 3_600_000),
      serial: randomBytes(16),
      isCA: false,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: 'clientAuth',
    },
    createPrivateKey(key),
  );
  return { cert, key, fingerprint: publicKeyFingerprint(cert) };
}

export interface UpdateRequest {
  readonly method?: string;
  readonly caller?: Caller;
  readonly body?: Buffer;
  /** Breaks the connection off after the body, which is announced to be longer. */
  readonly announced?: number;
}

/** Asks a manager for an update; resolves to its answer, or to the code of the error with which the connection ended. */
export function askForUpdate(
  host: string,
  { method = 'PUT', caller, body, announced }: UpdateRequest,
): Promise<string> {
  return new Promise((resolve) => {
    const outgoing = request(
      {
        host,
        port: 8000,
        path: '/update',
        method,
        rejectUnauthorized: false,
        agent: false,
        ...(caller === undefined ? {} : { cert: caller.cert, key: caller.key }),
        headers: { 'content-length': announced ?? body?.length ?? 0 },
      },
      (response) => {
        let text = '';
        response.on('data', (piece: Buffer) => (text += piece.toString()));
        response.on('end', () => resolve(`${response.statusCode} ${text}`));
      },
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    if (announced === undefined) outgoing.end(body);
    else outgoing.write(body ?? Buffer.alloc(0), () => outgoing.destroy());
  });
}
