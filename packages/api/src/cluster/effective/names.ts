// Names of the objects that belong to a cluster.
import type { ApiConfig } from '../../names/defaults.ts';
import { labels, roles } from '../../names/labels.ts';
import type { Cluster } from '../kind.ts';
import type { ExternalCluster } from '../schema/external.ts';
import type { ServiceSelectorType } from '../schema/managed.ts';

const given = (name: string | undefined, otherwise: string) => (name === undefined || name === '' ? otherwise : name);
const own = (cluster: Cluster, suffix: string) => `${cluster.metadata.name}-${suffix}`;

export const superuserSecretName = (cluster: Cluster): string =>
  given(cluster.spec.superuserSecret?.name, own(cluster, 'superuser'));

/** Secret with the credentials of the application owner. */
export function applicationSecretName(cluster: Cluster): string {
  const { recovery, pg_basebackup, initdb } = cluster.spec.bootstrap ?? {};
  return given((recovery ?? pg_basebackup ?? initdb)?.secret?.name, own(cluster, 'app'));
}

export const serverCASecretName = (cluster: Cluster): string =>
  given(cluster.spec.certificates?.serverCASecret, own(cluster, 'ca'));
export const serverTLSSecretName = (cluster: Cluster): string =>
  given(cluster.spec.certificates?.serverTLSSecret, own(cluster, 'server'));
export const clientCASecretName = (cluster: Cluster): string =>
  given(cluster.spec.certificates?.clientCASecret, own(cluster, 'ca'));
export const replicationSecretName = (cluster: Cluster): string =>
  given(cluster.spec.certificates?.replicationTLSSecret, own(cluster, 'replication'));
export const pullSecretName = (cluster: Cluster): string => own(cluster, 'pull-secret');
export const poolerAuthSecretName = (clusterName: string): string => `${clusterName}-pooler`;

export const serviceAccountName = (cluster: Cluster): string =>
  given(cluster.spec.serviceAccountName, cluster.metadata.name);

export const readWriteServiceName = (cluster: Cluster): string => own(cluster, 'rw');
export const readOnlyServiceName = (cluster: Cluster): string => own(cluster, 'ro');
export const readServiceName = (cluster: Cluster): string => own(cluster, 'r');
export const anyServiceName = (cluster: Cluster): string => own(cluster, 'any');

/** Whether the default service of this type is made. */
export const isServiceEnabled = (cluster: Cluster, type: ServiceSelectorType): boolean =>
  !(cluster.spec.managed?.services?.disabledDefaultServices ?? []).includes(type);

/** DNS names of the server certificate: all services under all their names, then the user's own. */
export function serverAltDnsNames(cluster: Cluster, config: Pick<ApiConfig, 'clusterDomain'>): string[] {
  const types = (['rw', 'r', 'ro'] as const).filter((type) => isServiceEnabled(cluster, type));
  const additional = cluster.spec.managed?.services?.additional ?? [];
  const services = [
    ...types.map((type) => own(cluster, type)),
    ...additional.map((service) => service.serviceTemplate.metadata?.name ?? ''),
  ];
  const { namespace } = cluster.metadata;
  const forms = services.flatMap((name) => [
    name,
    `${name}.${namespace}`,
    `${name}.${namespace}.svc`,
    `${name}.${namespace}.svc.${config.clusterDomain}`,
  ]);
  return [...forms, ...(cluster.spec.certificates?.serverAltDNSNames ?? [])];
}

/** Selector of the pods of a cluster, as text for `status.selector`. */
export const instanceSelector = (cluster: Cluster): string =>
  `${labels.cluster}=${cluster.metadata.name},${labels.podRole}=${roles.pod.instance}`;

/** Folder of an external cluster in its object store. */
export const externalServerName = (external: ExternalCluster): string =>
  given(external.barmanObjectStore?.serverName, external.name);

/** Folder of this cluster in its object store. */
export const serverName = (cluster: Cluster): string =>
  given(cluster.spec.backup?.barmanObjectStore?.serverName, cluster.metadata.name);

/** Name of the volume and claim part of a tablespace. */
export const tablespaceVolumeName = (tablespace: string): string =>
  `tbs-${tablespace.replace(/^_/, '1').replaceAll(/[$_]/g, '-').toLowerCase()}`;

/** Name of the volume of an extension. */
export const extensionVolumeName = (extension: string): string => `ext-${extension.replaceAll('_', '-')}`;
