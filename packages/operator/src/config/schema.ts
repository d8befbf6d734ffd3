import { defaultImages, defaultMonitoringName } from '@matriarch/api';

/** How the text of a setting is read. */
type Reader<T> = (text: string) => T;

interface Setting<T> {
  /** Name in the environment, in the ConfigMap and in the Secret. */
  readonly key: string;
  readonly default: T;
  readonly unit?: string;
  readonly help: string;
  readonly read: Reader<T>;
}

const text: Reader<string> = (value) => value;
const list: Reader<string[]> = (value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const flag: Reader<boolean> = (value) => {
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw new Error('must be true or false');
};

const wholeNumber: Reader<number> = (value) => {
  if (!/^\d+$/.test(value.trim())) throw new Error('must be a whole number');
  return Number(value);
};

const setting = <T>(key: string, fallback: T, read: Reader<T>, help: string, unit?: string): Setting<T> => ({
  key,
  default: fallback,
  read,
  help,
  ...(unit === undefined ? {} : { unit }),
});

/** Image of operator and instance manager. */
export const operatorImage = 'ghcr.io/matriarch/matriarch:0.1.0';

/** Every setting of the operator: the help, the documentation and the loader all come from here. */
export const settings = {
  watchNamespaces: setting('WATCH_NAMESPACE', [] as string[], list, 'Namespaces to work in; empty: all.'),
  operatorNamespace: setting('OPERATOR_NAMESPACE', '', text, 'Namespace of the operator itself.'),
  pullSecretName: setting('PULL_SECRET_NAME', 'cnpg-pull-secret', text, 'Pull secret copied to the clusters.'),
  operatorImage: setting('OPERATOR_IMAGE_NAME', operatorImage, text, 'Image that holds the instance manager.'),
  postgresImage: setting(
    'POSTGRES_IMAGE_NAME',
    defaultImages.postgres as string,
    text,
    'Image of clusters without one.',
  ),
  pgbouncerImage: setting(
    'PGBOUNCER_IMAGE_NAME',
    defaultImages.pgbouncer as string,
    text,
    'Image of Poolers without one.',
  ),
  inheritedAnnotations: setting(
    'INHERITED_ANNOTATIONS',
    [] as string[],
    list,
    'Annotations that objects take from their cluster.',
  ),
  inheritedLabels: setting('INHERITED_LABELS', [] as string[], list, 'Labels that objects take from their cluster.'),
  monitoringConfigMap: setting(
    'MONITORING_QUERIES_CONFIGMAP',
    '',
    text,
    `ConfigMap with the default queries, such as ${defaultMonitoringName}.`,
  ),
  monitoringSecret: setting('MONITORING_QUERIES_SECRET', '', text, 'Secret with default queries.'),
  inPlaceUpdates: setting(
    'ENABLE_INSTANCE_MANAGER_INPLACE_UPDATES',
    false,
    flag,
    'Update instance managers without a restart of PostgreSQL.',
  ),
  certificateDuration: setting('CERTIFICATE_DURATION', 90, wholeNumber, 'Life of certificates.', 'days'),
  renewalThreshold: setting(
    'EXPIRING_CHECK_THRESHOLD',
    7,
    wholeNumber,
    'Renewal before the end of a certificate.',
    'days',
  ),
  createAnyService: setting('CREATE_ANY_SERVICE', false, flag, 'Make the service -any.'),
  clustersRolloutDelay: setting(
    'CLUSTERS_ROLLOUT_DELAY',
    0,
    wholeNumber,
    'Pause between updates of different clusters.',
    'seconds',
  ),
  instancesRolloutDelay: setting(
    'INSTANCES_ROLLOUT_DELAY',
    0,
    wholeNumber,
    'Pause between updates of instances of one cluster.',
    'seconds',
  ),
  includePlugins: setting('INCLUDE_PLUGINS', [] as string[], list, 'Plugins that every cluster gets.'),
  standbyTcpUserTimeout: setting(
    'STANDBY_TCP_USER_TIMEOUT',
    undefined as number | undefined,
    wholeNumber,
    'tcp_user_timeout of standbys.',
    'milliseconds',
  ),
  clusterDomain: setting('KUBERNETES_CLUSTER_DOMAIN', 'cluster.local', text, 'DNS domain of the Kubernetes cluster.'),
  webhookNamespaceSuffix: setting(
    'ENABLE_WEBHOOK_NAMESPACE_SUFFIX',
    false,
    flag,
    'Add the namespace to the names of the webhook configurations.',
  ),
  drainTaints: setting(
    'DRAIN_TAINTS',
    [
      'node.kubernetes.io/unschedulable',
      'ToBeDeletedByClusterAutoscaler',
      'karpenter.sh/disrupted',
      'karpenter.sh/disruption',
    ],
    list,
    'Taints of a node from which the primary moves away.',
  ),
  manageWebhookConfigurations: setting(
    'MANAGE_WEBHOOK_CONFIGURATIONS',
    true,
    flag,
    'Write the CA into the webhook configurations.',
  ),
  webhookCertDir: setting('WEBHOOK_CERT_DIR', '', text, 'Folder with tls.crt and tls.key; empty: our own CA.'),
  metricsCertDir: setting(
    'METRICS_CERT_DIR',
    '',
    text,
    'Folder with the certificate of the metrics; empty: plain HTTP.',
  ),
  pluginSocketDir: setting('PLUGIN_SOCKET_DIR', '/plugins', text, 'Folder with sockets of plugins.'),
} as const;

type Settings = typeof settings;
export type OperatorConfig = { -readonly [K in keyof Settings]: Settings[K] extends Setting<infer T> ? T : never };
