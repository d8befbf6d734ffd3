import type {
  Backup,
  Cluster,
  ClusterImageCatalog,
  Database,
  DatabaseRole,
  FailoverQuorum,
  ImageCatalog,
  Pooler,
  Publication,
  ScheduledBackup,
  Subscription,
} from '@matriarch/api';
import { defineResource, type KubernetesObject, resources } from '@matriarch/kubernetes';

const custom = <T extends KubernetesObject>(kind: string, plural: string, namespaced = true) =>
  defineResource<T>({ group: 'postgresql.cnpg.io', version: 'v1', kind, plural, namespaced });

/** A PodMonitor as far as we write one. */
export interface PodMonitor extends KubernetesObject {
  spec: {
    selector: { matchLabels: Record<string, string> };
    podMetricsEndpoints: Record<string, unknown>[];
  };
}

/** All kinds that the operator reads or writes. */
export const kinds = {
  ...resources,
  clusters: custom<Cluster>('Cluster', 'clusters'),
  backups: custom<Backup>('Backup', 'backups'),
  scheduledBackups: custom<ScheduledBackup>('ScheduledBackup', 'scheduledbackups'),
  poolers: custom<Pooler>('Pooler', 'poolers'),
  databases: custom<Database>('Database', 'databases'),
  publications: custom<Publication>('Publication', 'publications'),
  subscriptions: custom<Subscription>('Subscription', 'subscriptions'),
  databaseRoles: custom<DatabaseRole>('DatabaseRole', 'databaseroles'),
  imageCatalogs: custom<ImageCatalog>('ImageCatalog', 'imagecatalogs'),
  clusterImageCatalogs: custom<ClusterImageCatalog>('ClusterImageCatalog', 'clusterimagecatalogs', false),
  failoverQuorums: custom<FailoverQuorum>('FailoverQuorum', 'failoverquorums'),
  podMonitors: defineResource<PodMonitor>({
    group: 'monitoring.coreos.com',
    version: 'v1',
    kind: 'PodMonitor',
    plural: 'podmonitors',
    namespaced: true,
  }),
} as const;

export type KindName = keyof typeof kinds;
