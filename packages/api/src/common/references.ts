// Small shapes that several kinds share.
import { array, boolean, integer, map, object, required, type Static, string } from '../schema/nodes.ts';

/** An object of the same namespace, by name. */
export const localReference = object('An object of the same namespace.', {
  name: required(string('Its name.')),
});
export type LocalReference = Static<typeof localReference>;

/** One key of a Secret or ConfigMap of the same namespace. */
export const keySelector = object('One key of an object of the same namespace.', {
  key: required(string('The key inside the object.')),
  name: required(string('Name of the object.')),
});
export type KeySelector = Static<typeof keySelector>;

export const objectMetadata = object('Metadata to put on the object made from this template.', {
  annotations: map(string(), 'Annotations of the object.'),
  labels: map(string(), 'Labels of the object.'),
  name: string('Name of the object, where it can be chosen.'),
});
export type TemplateMetadata = Static<typeof objectMetadata>;

export const pluginConfiguration = object('A CNPG-I plugin and its settings.', {
  enabled: boolean('Whether the plugin is used.', { default: true }),
  isWALArchiver: boolean('Whether the plugin archives the WAL; at most one plugin may.', { default: false }),
  name: required(string('Name of the plugin, as it announces itself.')),
  parameters: map(string(), 'Settings handed to the plugin as they are.'),
});
export type PluginConfiguration = Static<typeof pluginConfiguration>;

export const serviceAccountName = string(
  'Name of an existing ServiceAccount for the pods. Without it one is made with the name of this object.',
  {
    maxLength: 253,
    pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
    rules: [{ rule: 'self == oldSelf', message: 'serviceAccountName is immutable' }],
  },
);

/** Present or absent inside PostgreSQL. */
export const ensure = string('Whether the object should exist in PostgreSQL.', {
  enum: ['present', 'absent'],
  default: 'present',
});

const action = string('What to do with the matching series or target.', {
  enum: [
    ...(['replace', 'Replace', 'keep', 'Keep', 'drop', 'Drop', 'hashmod', 'HashMod', 'labelmap', 'LabelMap'] as const),
    ...(['labeldrop', 'LabelDrop', 'labelkeep', 'LabelKeep', 'lowercase', 'Lowercase'] as const),
    ...(['uppercase', 'Uppercase', 'keepequal', 'KeepEqual', 'dropequal', 'DropEqual'] as const),
  ],
  default: 'replace',
});

/** One relabeling step of a PodMonitor. */
export const relabeling = object('A relabeling step, as Prometheus defines it.', {
  action,
  modulus: integer('Divisor of the hash, for the action hashmod.', { format: 'int64' }),
  regex: string('Pattern that the joined source labels must match.'),
  replacement: string('Text written to the target label; may refer to groups of the pattern.'),
  separator: string('Text put between the joined source labels.'),
  sourceLabels: array(string(), 'Labels whose values are joined and matched.'),
  targetLabel: string('Label that receives the result.'),
});
export type Relabeling = Static<typeof relabeling>;

/** `spec.monitoring.tls`, the same in Cluster and Pooler. */
export const monitoringTls = object('TLS of the metrics endpoint.', {
  enabled: boolean('Serve the metrics over TLS.', { default: false }),
});
