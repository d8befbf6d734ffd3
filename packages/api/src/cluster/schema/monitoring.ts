import { keySelector, monitoringTls, relabeling } from '../../common/references.ts';
import { array, as, boolean, object, type Static, string } from '../../schema/nodes.ts';

export const monitoring = object('Metrics of the instances.', {
  customQueriesConfigMap: array(as(keySelector, 'A key of a ConfigMap.'), 'ConfigMap keys with metric queries.'),
  customQueriesSecret: array(as(keySelector, 'A key of a Secret.'), 'Secret keys with metric queries.'),
  disableDefaultQueries: boolean('Leave out the default queries.', { default: false }),
  enablePodMonitor: boolean('Make a PodMonitor. Deprecated: make one by hand.', { default: false }),
  metricsQueriesTTL: string('How long results of queries are reused, such as 30s. 0: never.'),
  podMonitorMetricRelabelings: array(relabeling, 'Relabeling of the series. Deprecated, like enablePodMonitor.'),
  podMonitorRelabelings: array(relabeling, 'Relabeling of the targets. Deprecated, like enablePodMonitor.'),
  tls: monitoringTls,
});
export type MonitoringConfiguration = Static<typeof monitoring>;
