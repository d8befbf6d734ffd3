import { createHash, type X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { type Answer, type Handler, text } from './router.ts';

/** SHA-256 (hex) of the public key of a certificate, by which the operator is known. */
export function publicKeyFingerprint(certificate: X509Certificate): string {
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('hex');
}

/** Decides whether a caller is the operator; undefined = yes. */
export function refuseStranger(presented: string | undefined, registered: string | undefined): Answer | undefined {
  if (presented === undefined) return text(401, 'client certificate required');
  if (registered === undefined || registered === '') return text(503, 'operator certificate not registered');
  if (presented !== registered) return text(503, 'operator certificate not recognized');
  return undefined;
}

function presentedFingerprint(request: IncomingMessage): string | undefined {
  if (!(request.socket instanceof TLSSocket)) return undefined;
  const certificate = request.socket.getPeerX509Certificate();
  return certificate === undefined ? undefined : publicKeyFingerprint(certificate);
}

/** Lets only the operator through to a handler. */
export function forOperator(registered: () => string | undefined, handler: Handler): Handler {
  return (request) => refuseStranger(presentedFingerprint(request.raw), registered()) ?? handler(request);
}
