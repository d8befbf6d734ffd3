import type { Deployment } from 'kubernetes-types/apps/v1.d.ts';
import type { Container, Probe } from 'kubernetes-types/core/v1.d.ts';
import { accountName } from './rbac.ts';

export const operatorLabels = { 'app.kubernetes.io/name': 'cloudnative-pg' } as const;
export const configName = 'cnpg-controller-manager-config';

export interface DeploymentOptions {
  namespace: string;
  image: string;
  /** Name of the Deployment; charts have names of their own. */
  name?: string;
}

const probe = (timing: Partial<Probe>): Probe => ({
  httpGet: { path: '/readyz', port: 9443, scheme: 'HTTPS' },
  ...timing,
});

export function deploymentManifest({
  namespace,
  image,
  name = 'cnpg-controller-manager',
}: DeploymentOptions): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels: operatorLabels },
    spec: {
      replicas: 1,
      selector: { matchLabels: operatorLabels },
      template: {
        metadata: { labels: operatorLabels },
        spec: {
          serviceAccountName: accountName,
          terminationGracePeriodSeconds: 10,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [managerContainer(image)],
          volumes: [{ name: 'scratch-data', emptyDir: {} }],
        },
      },
    },
  };
}

function managerContainer(image: string): Container {
  const args = [
    'controller',
    '--leader-elect',
    '--max-concurrent-reconciles=10',
    `--config-map-name=${configName}`,
    `--secret-name=${configName}`,
    '--webhook-port=9443',
  ];
  return {
    name: 'manager',
    image,
    command: ['/manager'],
    args,
    env: [
      { name: 'OPERATOR_IMAGE_NAME', value: image },
      { name: 'OPERATOR_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
      { name: 'MONITORING_QUERIES_CONFIGMAP', value: 'cnpg-default-monitoring' },
    ],
    ports: [
      { name: 'metrics', containerPort: 8080, protocol: 'TCP' },
      { name: 'webhook-server', containerPort: 9443, protocol: 'TCP' },
    ],
    startupProbe: probe({ periodSeconds: 1, failureThreshold: 60 }),
    readinessProbe: probe({ periodSeconds: 5 }),
    livenessProbe: probe({ periodSeconds: 10 }),
    resources: { requests: { cpu: '100m', memory: '100Mi' }, limits: { cpu: '100m', memory: '200Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsUser: 10001,
      runAsGroup: 10001,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [{ name: 'scratch-data', mountPath: '/controller' }],
  };
}
