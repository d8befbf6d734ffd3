// Defaults of image, scheduling, backup, logging, monitoring, plugins and probes.

import type { KeySelector } from '../../common/references.ts';
import { type ApiConfig, defaultMonitoringKey, defaultMonitoringName } from '../../names/defaults.ts';
import { annotations } from '../../names/labels.ts';
import type { IsolationCheck } from '../schema/probes.ts';
import type { ClusterSpec } from '../schema/spec.ts';

const isEmpty = (value: string | undefined) => value === undefined || value === '';

export function imageDefaults(spec: ClusterSpec, config: ApiConfig): ClusterSpec {
  if (!isEmpty(spec.imageName) || spec.imageCatalogRef !== undefined) return spec;
  return { ...spec, imageName: config.postgresImageName };
}

export function schedulingDefaults(spec: ClusterSpec): ClusterSpec {
  const { affinity } = spec;
  if (!isEmpty(affinity?.podAntiAffinityType) || affinity?.enablePodAntiAffinity === false) return spec;
  return { ...spec, affinity: { ...affinity, podAntiAffinityType: 'preferred' } };
}

export function backupDefaults(spec: ClusterSpec): ClusterSpec {
  const { backup } = spec;
  if (backup === undefined || !isEmpty(backup.target)) return spec;
  return { ...spec, backup: { ...backup, target: 'prefer-standby' } };
}

export const loggingDefaults = (spec: ClusterSpec): ClusterSpec =>
  isEmpty(spec.logLevel) ? { ...spec, logLevel: 'info' } : spec;

/** The default queries come first, so that the user's can replace them. */
export function monitoringDefaults(spec: ClusterSpec, config: ApiConfig): ClusterSpec {
  const { monitoring } = spec;
  if (monitoring?.disableDefaultQueries === true) return spec;
  const configMaps = withDefaultQueries(monitoring?.customQueriesConfigMap, config.monitoringQueriesConfigMap);
  const secrets = withDefaultQueries(monitoring?.customQueriesSecret, config.monitoringQueriesSecret);
  return {
    ...spec,
    monitoring: {
      ...monitoring,
      ...(configMaps === undefined ? {} : { customQueriesConfigMap: configMaps }),
      ...(secrets === undefined ? {} : { customQueriesSecret: secrets }),
    },
  };
}

function withDefaultQueries(own: KeySelector[] | undefined, source: string): KeySelector[] | undefined {
  if (source === '' || own?.some(({ name }) => name === defaultMonitoringName)) return own;
  return [{ name: defaultMonitoringName, key: defaultMonitoringKey }, ...(own ?? [])];
}

export function pluginDefaults(spec: ClusterSpec, config: ApiConfig): ClusterSpec {
  const own = spec.plugins ?? [];
  const missing = config.includePlugins.filter((name) => !own.some((plugin) => plugin.name === name));
  return missing.length === 0
    ? spec
    : { ...spec, plugins: [...own, ...missing.map((name) => ({ name, enabled: true }))] };
}

type Annotations = Readonly<Record<string, string>>;

/** The isolation check, from the older annotation where it is valid. */
export function probeDefaults(spec: ClusterSpec, given: Annotations): ClusterSpec {
  const { probes } = spec;
  if (probes?.liveness?.isolationCheck !== undefined) return spec;
  const isolationCheck = livenessPinger(given) ?? { enabled: true, requestTimeout: 1000, connectionTimeout: 1000 };
  return { ...spec, probes: { ...probes, liveness: { ...probes?.liveness, isolationCheck } } };
}

/** The older annotation that described the isolation check; undefined when it is absent or not valid. */
export function livenessPinger(given: Annotations): IsolationCheck | undefined {
  const value = parseObject(given[annotations.livenessPinger] ?? '');
  if (typeof value?.enabled !== 'boolean') return undefined;
  const timeout = (name: string) => (typeof value[name] === 'number' && value[name] !== 0 ? value[name] : 1000);
  return {
    enabled: value.enabled,
    requestTimeout: timeout('requestTimeout'),
    connectionTimeout: timeout('connectionTimeout'),
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
