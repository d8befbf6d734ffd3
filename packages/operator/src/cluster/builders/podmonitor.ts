import { isMetricsTlsEnabled, labels, readWriteServiceName, roles, serverCASecretName } from '@matriarch/api';
import type { PodMonitor } from '../../kinds.ts';
import { appLabels, type BuildContext, inheritedMeta } from './metadata.ts';

export function buildPodMonitor(context: BuildContext): PodMonitor {
  const { cluster } = context;
  const { podMonitorMetricRelabelings, podMonitorRelabelings } = cluster.spec.monitoring ?? {};
  const ca = { secret: { name: serverCASecretName(cluster), key: 'ca.crt' } };
  const tls = {
    scheme: 'https',
    tlsConfig: { ca, serverName: readWriteServiceName(cluster), insecureSkipVerify: true },
  };
  return {
    metadata: inheritedMeta(context, { name: cluster.metadata.name, labels: appLabels(context) }),
    spec: {
      selector: { matchLabels: { [labels.cluster]: cluster.metadata.name, [labels.podRole]: roles.pod.instance } },
      podMetricsEndpoints: [
        {
          port: 'metrics',
          ...(isMetricsTlsEnabled(cluster) ? tls : {}),
          ...(podMonitorMetricRelabelings ? { metricRelabelings: podMonitorMetricRelabelings } : {}),
          ...(podMonitorRelabelings ? { relabelings: podMonitorRelabelings } : {}),
        },
      ],
    },
  };
}
