// What holds for a DatabaseRole when it does not say it.
import type { DatabaseRole } from './kind.ts';

/** Whether the operator keeps a client certificate for the role. */
export const isClientCertificateEnabled = ({ spec }: DatabaseRole): boolean =>
  spec.clientCertificate !== undefined && (spec.clientCertificate.enabled ?? true);

export const clientCertificateSecretName = ({ metadata }: DatabaseRole): string => `${metadata.name}-client-cert`;
