import { join } from 'node:path';
import {
  type Cluster,
  clientCASecretName,
  replicationSecretName,
  serverCASecretName,
  serverTLSSecretName,
} from '@matriarch/api';
import { writeIfChanged } from '../files/atomic.ts';
import type { ServerCertificate } from '../http/server.ts';
import { type SecretReader, secretText } from '../secrets.ts';

export interface CertificateFiles {
  /** Whether PostgreSQL has to read its certificates again. */
  readonly changed: boolean;
  readonly server: ServerCertificate;
}

/** Writes the certificates of the cluster's Secrets where PostgreSQL looks for them. */
export async function refreshCertificates(
  cluster: Cluster,
  secrets: SecretReader,
  directory: string,
): Promise<CertificateFiles> {
  const names = cluster.status?.certificates;
  const versions = cluster.status?.secretsResourceVersion;
  const server = names?.serverTLSSecret || serverTLSSecretName(cluster);
  const replication = names?.replicationTLSSecret || replicationSecretName(cluster);
  const serverAuthority = names?.serverCASecret || serverCASecretName(cluster);
  const clientAuthority = names?.clientCASecret || clientCASecretName(cluster);
  const wanted: readonly (readonly [file: string, secret: string, key: string, version: string | undefined])[] = [
    ['server.crt', server, 'tls.crt', versions?.serverSecretVersion],
    ['server.key', server, 'tls.key', versions?.serverSecretVersion],
    ['server-ca.crt', serverAuthority, 'ca.crt', versions?.serverCaSecretVersion],
    ['client-ca.crt', clientAuthority, 'ca.crt', versions?.clientCaSecretVersion],
    ['streaming_replica.crt', replication, 'tls.crt', versions?.replicationSecretVersion],
    ['streaming_replica.key', replication, 'tls.key', versions?.replicationSecretVersion],
  ];
  // All are read before the first is written: a certificate never stands beside the key of another.
  const contents = new Map<string, string>();
  for (const [file, secret, key, version] of wanted)
    contents.set(file, await secretText(secrets, secret, key, version));
  let changed = false;
  for (const [file, content] of contents) {
    if (await writeIfChanged(join(directory, file), content)) changed = true;
  }
  return {
    changed,
    server: { certificate: contents.get('server.crt') ?? '', key: contents.get('server.key') ?? '' },
  };
}
