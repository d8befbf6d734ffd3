import { annotations, areHighAvailabilitySlotsEnabled, type Cluster, isReplicaCluster, slotName } from '@matriarch/api';
import type { Layout } from '../paths.ts';
import { defaultParameters, isReservedParameter, mandatoryParameters, type Parameters } from './defaults.ts';
import { extensionPaths } from './extensions.ts';
import { sharedPreloadLibraries } from './libraries.ts';
import { renderSynchronousStandbyNames, type SynchronousStandbys } from './synchronous.ts';

export interface ParameterInput {
  readonly cluster: Cluster;
  readonly layout: Layout;
  readonly podName: string;
  readonly major: number;
  readonly synchronous: SynchronousStandbys | undefined;
}

export interface ComputedParameters {
  /** Everything that custom.conf sets and the hash covers. */
  readonly settings: Parameters;
  /** Our own `cnpg.*` settings. */
  readonly own: Parameters;
}

/** All settings of custom.conf for a running instance: defaults, then the user's, then what we depend on. */
export function computeParameters(input: ParameterInput): ComputedParameters {
  const { cluster, layout, major } = input;
  const user = userParameters(cluster);
  const settings: Record<string, string> = {
    ...defaultParameters(layout),
    ...user,
    ...mandatoryParameters(layout, major, cluster.spec.postgresql?.enableAlterSystem === true),
    archive_mode: archiveMode(cluster),
    cluster_name: cluster.metadata.name ?? '',
    ...extensionPaths(cluster, layout, user),
  };
  const libraries = sharedPreloadLibraries(cluster.spec.postgresql?.shared_preload_libraries ?? [], user);
  settings.shared_preload_libraries = libraries;
  const temporary = temporaryTablespaces(cluster);
  if (temporary !== '') settings.temp_tablespaces = temporary;
  const delay = cluster.spec.replica?.minApplyDelay;
  if (delay !== undefined && isReplicaCluster(cluster))
    settings.recovery_min_apply_delay = `${durationSeconds(delay)}s`;
  Object.assign(settings, logicalSlotSettings(input, user));

  const own: Record<string, string> = {};
  if (input.synchronous !== undefined) {
    const { method, number, standbyNames } = input.synchronous;
    settings.synchronous_standby_names = renderSynchronousStandbyNames(input.synchronous);
    own['cnpg.synchronous_standby_names_metadata'] = JSON.stringify({ method, number, standbyNames });
  }
  return { settings, own };
}

/** The user's parameters without those that belong to us; the webhook refuses them, an old object may hold some. */
export function userParameters(cluster: Cluster): Parameters {
  const entries = Object.entries(cluster.spec.postgresql?.parameters ?? {});
  return Object.fromEntries(entries.filter(([name]) => !isReservedParameter(name)));
}

function archiveMode(cluster: Cluster): string {
  if (cluster.metadata.annotations?.[annotations.skipWalArchiving] === 'enabled') return 'off';
  return isReplicaCluster(cluster) ? 'always' : 'on';
}

function temporaryTablespaces(cluster: Cluster): string {
  const names = (cluster.spec.tablespaces ?? []).filter((entry) => entry.temporary === true).map((entry) => entry.name);
  return names.sort().join(',');
}

/** Keeps logical slots from running ahead of the standbys that would have to take them over. */
function logicalSlotSettings(input: ParameterInput, user: Parameters): Parameters {
  const availability = input.cluster.spec.replicationSlots?.highAvailability;
  if (availability?.synchronizeLogicalDecoding !== true || !areHighAvailabilitySlotsEnabled(input.cluster)) return {};
  const others = (input.cluster.status?.instanceNames ?? []).filter((name) => name !== input.podName);
  const slots = others
    .map((name) => slotName(input.cluster, name))
    .sort()
    .join(',');
  if (input.major >= 17 && isOn(user.sync_replication_slots)) return { synchronized_standby_slots: slots };
  const usesFailoverSlots = Object.keys(user).some((name) => name.startsWith('pg_failover_slots.'));
  return usesFailoverSlots ? { 'pg_failover_slots.standby_slot_names': slots } : {};
}

function isOn(value: string | undefined): boolean {
  return ['on', 'true', 'yes', '1'].includes((value ?? '').toLowerCase());
}

/** Seconds of a duration such as `8h30m`, rounded up; 0 where it says nothing. */
export function durationSeconds(text: string): number {
  const units: Record<string, number> = {
    h: 3600,
    m: 60,
    s: 1,
    ms: 0.001,
    us: 0.000001,
    µs: 0.000001,
    ns: 0.000000001,
  };
  let seconds = 0;
  for (const match of text.matchAll(/(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)/g)) {
    seconds += Number(match[1]) * (units[match[2] ?? ''] ?? 0);
  }
  return Math.ceil(seconds);
}
