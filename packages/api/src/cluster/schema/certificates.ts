import { array, string } from '../../schema/nodes.ts';

/** The secrets with certificates; the status adds when they end. */
export const certificateFields = {
  clientCASecret: string('Secret with the CA that signs client certificates (ca.crt, and ca.key to sign).'),
  replicationTLSSecret: string('Secret with the client certificate of streaming_replica.'),
  serverAltDNSNames: array(string(), 'More DNS names for the server certificate.'),
  serverCASecret: string('Secret with the CA that signs the server certificate (ca.crt, and ca.key to sign).'),
  serverTLSSecret: string('Secret with the certificate of the server.'),
};
