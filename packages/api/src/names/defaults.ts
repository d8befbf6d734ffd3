// What holds when neither the user nor the administrator says anything.

export const operatorVersion = '1.30.0';

/** Put in by the bundler where the build names it. */
declare const MATRIARCH_COMMIT: string | undefined;

/** Commit that the programs were built from; empty when the build did not name it. */
export const operatorCommit: string = typeof MATRIARCH_COMMIT === 'undefined' ? '' : MATRIARCH_COMMIT;

export const defaultImages = {
  postgres: 'ghcr.io/cloudnative-pg/postgresql:18.6-system-trixie',
  operator: `ghcr.io/cloudnative-pg/cloudnative-pg:${operatorVersion}`,
  pgbouncer: 'ghcr.io/cloudnative-pg/pgbouncer:1.25.1',
} as const;

/** Name of the ConfigMap or Secret with the default metric queries, in each namespace with a cluster. */
export const defaultMonitoringName = 'cnpg-default-monitoring';
export const defaultMonitoringKey = 'queries';

export const databaseUsers = {
  superuser: 'postgres',
  replication: 'streaming_replica',
  pooler: 'cnpg_pooler_pgbouncer',
  metrics: 'cnpg_metrics_exporter',
} as const;

/** Settings of the operator on which defaulting, validation and effective values depend. */
export interface ApiConfig {
  readonly postgresImageName: string;
  readonly clusterDomain: string;
  /** Source `namespace object` of the default metric queries; empty: none. */
  readonly monitoringQueriesConfigMap: string;
  readonly monitoringQueriesSecret: string;
  /** Plugins that every cluster gets. */
  readonly includePlugins: readonly string[];
  /** Whether the cluster knows VolumeSnapshots (snapshot.storage.k8s.io/v1). */
  readonly haveVolumeSnapshots: boolean;
}

export const defaultApiConfig: ApiConfig = {
  postgresImageName: defaultImages.postgres,
  clusterDomain: 'cluster.local',
  monitoringQueriesConfigMap: '',
  monitoringQueriesSecret: '',
  includePlugins: [],
  haveVolumeSnapshots: false,
};
