import {
  applicationSecretName,
  type ClusterStatus,
  clientCASecretName,
  poolerAuthSecretName,
  replicationSecretName,
  serverAltDnsNames,
  serverCASecretName,
  serverTLSSecretName,
  superuserSecretName,
} from '@matriarch/api';
import { readCertificate } from '../../../pki/facts.ts';
import type { Snapshot } from '../../snapshot.ts';

/** The secrets with certificates, and when they end. */
export function certificateStatus(snapshot: Snapshot): NonNullable<ClusterStatus['certificates']> {
  const { cluster, config, secrets } = snapshot;
  const names = {
    clientCASecret: clientCASecretName(cluster),
    replicationTLSSecret: replicationSecretName(cluster),
    serverCASecret: serverCASecretName(cluster),
    serverTLSSecret: serverTLSSecretName(cluster),
  };
  const expirations: Record<string, string> = {};
  for (const name of [...Object.values(names), poolerAuthSecretName(cluster.metadata.name)]) {
    const facts = secrets.get(name);
    const certificate = readCertificate(facts?.certificate ?? facts?.caCertificate);
    if (certificate) expirations[name] = goTime(certificate.notAfter);
  }
  return { ...names, serverAltDNSNames: serverAltDnsNames(cluster, config), expirations };
}

/** As Go prints a time: `2026-01-02 15:04:05 +0000 UTC`. */
export function goTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}

type Versions = Pick<ClusterStatus, 'secretsResourceVersion' | 'configMapResourceVersion'>;

/** Versions of the objects in use: a change wakes the instance managers. */
export function versionStatus(snapshot: Snapshot): Versions {
  const { cluster, secrets, configMapVersions } = snapshot;
  const { spec } = cluster;
  const version = (name: string | undefined) => (name ? secrets.get(name)?.resourceVersion : undefined);
  const map = (names: readonly (string | undefined)[]) =>
    Object.fromEntries(names.map((name) => [name ?? '', version(name)]).filter(([, value]) => value !== undefined));
  const externals = (spec.externalClusters ?? []).flatMap(({ sslCert, sslKey, sslRootCert, password }) =>
    [sslCert, sslKey, sslRootCert, password].map((selector) => selector?.name),
  );
  const configMaps = (spec.monitoring?.customQueriesConfigMap ?? []).map(({ name }) => name);
  const single = {
    superuserSecretVersion: version(superuserSecretName(cluster)),
    replicationSecretVersion: version(replicationSecretName(cluster)),
    applicationSecretVersion: version(applicationSecretName(cluster)),
    clientCaSecretVersion: version(clientCASecretName(cluster)),
    serverCaSecretVersion: version(serverCASecretName(cluster)),
    serverSecretVersion: version(serverTLSSecretName(cluster)),
    barmanEndpointCA: version(spec.backup?.barmanObjectStore?.endpointCA?.name),
  };
  const maps = {
    managedRoleSecretVersion: map((spec.managed?.roles ?? []).map(({ passwordSecret }) => passwordSecret?.name)),
    externalClusterSecretVersion: map(externals),
    metrics: map((spec.monitoring?.customQueriesSecret ?? []).map(({ name }) => name)),
  };
  const metrics = Object.fromEntries(
    configMaps.map((name) => [name, configMapVersions.get(name)]).filter(([, value]) => value !== undefined),
  );
  return {
    secretsResourceVersion: filled({ ...single, ...maps }),
    configMapResourceVersion: filled({ metrics }),
  };
}

/** Without what is undefined or empty. */
function filled<T extends object>(value: T): object {
  const isFilled = (part: unknown) =>
    part !== undefined && !(typeof part === 'object' && part !== null && Object.keys(part).length === 0);
  return Object.fromEntries(Object.entries(value).filter(([, part]) => isFilled(part)));
}
