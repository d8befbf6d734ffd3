import { defaultMonitoringKey, defaultMonitoringName, labels } from '@matriarch/api';
import type { KubernetesObject } from '@matriarch/kubernetes';
import type { ConfigMap, Namespace, Service, ServiceAccount } from 'kubernetes-types/core/v1.d.ts';
import { operatorImage } from '../config/schema.ts';
import { webhookService } from '../webhooks/certificate.ts';
import { configName, deploymentManifest, operatorLabels } from './deployment.ts';
import { defaultQueries } from './queries.ts';
import { accessManifests, accountName } from './rbac.ts';
import { webhookManifests } from './webhooks.ts';

export interface ManifestOptions {
  namespace?: string;
  image?: string;
  /** Settings, by their keys. */
  config?: Record<string, string>;
}

/** Everything that an installation of the operator consists of, apart from the CRDs, in the order of applying. */
export function operatorManifests(options: ManifestOptions = {}): KubernetesObject[] {
  const { namespace = 'cnpg-system', image = operatorImage, config = {} } = options;
  const space: Namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: operatorLabels },
  };
  const account: ServiceAccount = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: accountName, namespace },
  };
  return [
    space,
    account,
    ...accessManifests(namespace),
    configMap(namespace, configName, config),
    monitoringManifest(namespace),
    serviceManifest(namespace),
    deploymentManifest({ namespace, image }),
    ...webhookManifests(namespace),
  ];
}

function configMap(namespace: string, name: string, data: Record<string, string>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

function monitoringManifest(namespace: string): ConfigMap {
  const map = configMap(namespace, defaultMonitoringName, { [defaultMonitoringKey]: defaultQueries });
  return { ...map, metadata: { ...map.metadata, labels: { [labels.reload]: '' } } };
}

function serviceManifest(namespace: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: webhookService, namespace },
    spec: { ports: [{ port: 443, targetPort: 9443, protocol: 'TCP' }], selector: { ...operatorLabels } },
  };
}
