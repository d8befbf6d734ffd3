import { annotations, type Cluster, imageVersion, labels, operatorVersion, postgresMajor } from '@matriarch/api';
import { controllerReference } from '@matriarch/kubernetes';
import type { ObjectMeta, OwnerReference } from 'kubernetes-types/meta/v1.d.ts';
import { apiConfigOf } from '../../config/api.ts';
import type { OperatorConfig } from '../../config/schema.ts';
import { kinds } from '../../kinds.ts';

/** What every builder needs: the cluster and the settings of the operator. */
export interface BuildContext {
  readonly cluster: Cluster;
  readonly config: OperatorConfig;
}

type StringMap = Record<string, string>;

/** Labels that tell generic tools what an object belongs to. */
export function appLabels({ cluster, config }: BuildContext): StringMap {
  const { image } = cluster.status ?? {};
  const major = (image ? imageVersion(image)?.major : undefined) ?? postgresMajor(cluster, apiConfigOf(config));
  return {
    ...managedBy,
    [labels.appName]: 'postgresql',
    [labels.appInstance]: cluster.metadata.name,
    ...(major === undefined ? {} : { [labels.appVersion]: String(major) }),
    [labels.appComponent]: 'database',
  };
}

export const managedBy: StringMap = { [labels.appManagedBy]: 'cloudnative-pg' };

/** Metadata of an object of the cluster that takes over what the cluster hands down; owned without blocking. */
export function inheritedMeta(
  context: BuildContext,
  meta: { name: string; labels?: StringMap; annotations?: StringMap },
): ObjectMeta {
  return {
    name: meta.name,
    namespace: context.cluster.metadata.namespace,
    labels: { ...meta.labels, ...inheritedLabels(context) },
    annotations: { ...meta.annotations, ...inheritedAnnotations(context) },
    ownerReferences: [owner(context.cluster)],
  };
}

/** Metadata of an owned object that inherits nothing. */
export function ownedMeta(
  { cluster }: BuildContext,
  meta: { name: string; labels?: StringMap; annotations?: StringMap },
): ObjectMeta {
  return {
    name: meta.name,
    namespace: cluster.metadata.namespace,
    labels: { ...managedBy, ...meta.labels },
    ...(meta.annotations ? { annotations: meta.annotations } : {}),
    ownerReferences: [owner(cluster)],
  };
}

export function owner(cluster: Cluster, options: { blockOwnerDeletion?: boolean } = {}): OwnerReference {
  return controllerReference(kinds.clusters, cluster, options);
}

/** Labels that objects of the cluster get: by pattern first in line, then spec.inheritedMetadata. */
export function inheritedLabels({ cluster, config }: BuildContext): StringMap {
  return {
    ...cluster.spec.inheritedMetadata?.labels,
    ...matching(cluster.metadata.labels, config.inheritedLabels),
    [labels.cluster]: cluster.metadata.name,
  };
}

export function inheritedAnnotations({ cluster, config }: BuildContext): StringMap {
  return {
    [annotations.operatorVersion]: operatorVersion,
    ...cluster.spec.inheritedMetadata?.annotations,
    ...matching(cluster.metadata.annotations, config.inheritedAnnotations),
  };
}

function matching(map: StringMap | undefined, patterns: readonly string[]): StringMap {
  const tests = patterns.map(globPattern).filter((pattern) => pattern !== undefined);
  return Object.fromEntries(Object.entries(map ?? {}).filter(([key]) => tests.some((pattern) => pattern.test(key))));
}

/** `*` and `?` stop at a slash, `[…]` is a class, a backslash takes the next character as it is. */
export function globPattern(glob: string): RegExp | undefined {
  let source = '';
  for (let i = 0; i < glob.length; i += 1) {
    const character = glob.charAt(i);
    const end = character === '[' ? glob.indexOf(']', i + 2) : -1;
    if (character === '*') source += '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (character === '\\') {
      i += 1;
      if (i === glob.length) return undefined;
      source += escapeText(glob.charAt(i));
    } else if (character === '[') {
      if (end < 0) return undefined;
      source += `[${glob.slice(i + 1, end).replace(/\\(?!.)/g, '')}]`;
      i = end;
    } else source += escapeText(character);
  }
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return undefined;
  }
}

function escapeText(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
