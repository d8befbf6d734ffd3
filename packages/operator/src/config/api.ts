import type { ApiConfig } from '@matriarch/api';
import type { OperatorConfig } from './schema.ts';

/** The settings on which defaulting, validation and effective values depend. */
export function apiConfigOf(config: OperatorConfig): ApiConfig {
  return {
    postgresImageName: config.postgresImage,
    clusterDomain: config.clusterDomain,
    monitoringQueriesConfigMap: config.monitoringConfigMap,
    monitoringQueriesSecret: config.monitoringSecret,
    includePlugins: config.includePlugins,
    haveVolumeSnapshots: false,
  };
}
