import {
  applicationSecretName,
  type Backup,
  type BarmanObjectStore,
  type Cluster,
  clientCASecretName,
  type DatabaseRole,
  replicationSecretName,
  serverCASecretName,
  serverTLSSecretName,
  superuserSecretName,
} from '@matriarch/api';
import type { PolicyRule, Role } from 'kubernetes-types/rbac/v1.d.ts';
import { type BuildContext, inheritedMeta, managedBy } from './metadata.ts';

/** Objects beside the cluster that add secrets to what its instances may read. */
export interface RoleInputs {
  /** The Backup that the cluster is recovered from. */
  originBackup?: Backup | undefined;
  databaseRoles: readonly DatabaseRole[];
}

const group = 'postgresql.cnpg.io';

export function buildRole(context: BuildContext, inputs: RoleInputs): Role {
  const { name } = context.cluster.metadata;
  return { metadata: inheritedMeta(context, { name, labels: managedBy }), rules: rules(context.cluster, inputs) };
}

const rule = (apiGroup: string, resource: string, verbs: string, resourceNames?: string[]): PolicyRule => ({
  apiGroups: [apiGroup],
  resources: [resource],
  verbs: verbs.split(' '),
  ...(resourceNames ? { resourceNames } : {}),
});

function rules(cluster: Cluster, inputs: RoleInputs): PolicyRule[] {
  const { name } = cluster.metadata;
  const databaseKinds = ['databases', 'publications', 'subscriptions', 'databaseroles'];
  return [
    rule('', 'configmaps', 'get watch', sorted([name, ...configMapNames(cluster)])),
    rule('', 'secrets', 'get watch', sorted(secretNames(cluster, inputs))),
    rule(group, 'clusters', 'get list watch', [name]),
    rule(group, 'clusters/status', 'get patch update watch', [name]),
    rule(group, 'backups', 'list get delete'),
    rule(group, 'backups/status', 'get patch update'),
    rule('', 'events', 'create patch'),
    ...databaseKinds.map((kind) => rule(group, kind, 'get update list watch')),
    ...databaseKinds.map((kind) => rule(group, `${kind}/status`, 'get patch update')),
    rule('coordination.k8s.io', 'leases', 'get update', [name]),
    rule(group, 'failoverquorums', 'get list watch', [name]),
    rule(group, 'failoverquorums/status', 'get patch update watch', [name]),
  ];
}

const sorted = (names: (string | undefined)[]): string[] =>
  [...new Set(names.filter((name): name is string => name !== undefined && name !== ''))].sort();

/** ConfigMaps whose change concerns the cluster. */
export const readableConfigMaps = (cluster: Cluster): string[] => configMapNames(cluster);

/** Secrets whose change concerns the cluster. */
export function readableSecrets(cluster: Cluster): (string | undefined)[] {
  return secretNames(cluster, { databaseRoles: [] });
}

function configMapNames({ spec }: Cluster): string[] {
  return (spec.monitoring?.customQueriesConfigMap ?? []).map(({ name }) => name);
}

function secretNames(cluster: Cluster, { originBackup, databaseRoles }: RoleInputs): (string | undefined)[] {
  const { spec, metadata } = cluster;
  const passwords = (spec.managed?.roles ?? []).filter(({ disablePassword }) => !disablePassword);
  const objectRoles = databaseRoles.filter(
    (role) => role.spec.cluster.name === metadata.name && !role.spec.disablePassword,
  );
  return [
    replicationSecretName(cluster),
    clientCASecretName(cluster),
    serverCASecretName(cluster),
    serverTLSSecretName(cluster),
    applicationSecretName(cluster),
    superuserSecretName(cluster),
    spec.postgresql?.ldap?.bindSearchAuth?.bindPassword?.name,
    ...(spec.monitoring?.customQueriesSecret ?? []).map(({ name }) => name),
    ...storeSecrets(spec.backup?.barmanObjectStore),
    ...storeSecrets(originBackup?.status),
    spec.bootstrap?.recovery?.backup?.endpointCA?.name,
    ...(spec.externalClusters ?? []).flatMap((external) => [
      external.sslCert?.name,
      external.sslRootCert?.name,
      external.sslKey?.name,
      external.password?.name,
      ...storeSecrets(external.barmanObjectStore),
    ]),
    ...[...passwords, ...objectRoles.map(({ spec: role }) => role)].map(({ passwordSecret }) => passwordSecret?.name),
  ];
}

type Store = Partial<
  Pick<BarmanObjectStore, 's3Credentials' | 'azureCredentials' | 'googleCredentials' | 'endpointCA'>
>;

/** Secrets that hold credentials and CA of an object store. */
export function storeSecrets(store: Store | undefined): (string | undefined)[] {
  const { s3Credentials: s3, azureCredentials: azure, googleCredentials: google, endpointCA } = store ?? {};
  return [
    s3?.accessKeyId?.name,
    s3?.secretAccessKey?.name,
    s3?.region?.name,
    s3?.sessionToken?.name,
    azure?.connectionString?.name,
    azure?.storageAccount?.name,
    azure?.storageKey?.name,
    azure?.storageSasToken?.name,
    google?.applicationCredentials?.name,
    endpointCA?.name,
  ];
}
