import { annotations, defaultMonitoringKey, defaultMonitoringName, labels, operatorVersion } from '@matriarch/api';
import { managedBy } from '../../builders/metadata.ts';
import type { Draft } from '../draft.ts';

/** The copy of the default metric queries in the namespace of the cluster; it is shared, so nobody owns it. */
export function decideMonitoringQueries({ snapshot, actions }: Draft): undefined {
  const { cluster, config, monitoring } = snapshot;
  const { namespace } = cluster.metadata;
  if (cluster.spec.monitoring?.disableDefaultQueries || config.monitoringConfigMap === '') return undefined;
  if (namespace === config.operatorNamespace && config.monitoringConfigMap === defaultMonitoringName) return undefined;
  const { source, copy } = monitoring.configMap;
  if (source === undefined || copy?.queries === source || (copy && !copy.ours)) return undefined;
  const data = { [defaultMonitoringKey]: source };
  if (copy) {
    actions.push({ kind: 'patch', resource: 'configMaps', name: defaultMonitoringName, body: { data } });
    return undefined;
  }
  const metadata = {
    name: defaultMonitoringName,
    namespace,
    labels: { ...managedBy, [labels.reload]: 'true' },
    annotations: { [annotations.operatorVersion]: operatorVersion },
  };
  actions.push({ kind: 'create', resource: 'configMaps', object: { metadata, data } as object });
  return undefined;
}
