// Replication slots, synchronous replication, plugins: what holds with and without a setting.
import type { PluginConfiguration } from '../../common/references.ts';
import type { Cluster } from '../kind.ts';

export const areHighAvailabilitySlotsEnabled = (cluster: Cluster): boolean =>
  cluster.spec.replicationSlots?.highAvailability?.enabled ?? true;
export const areUserSlotsSynchronized = (cluster: Cluster): boolean =>
  cluster.spec.replicationSlots?.synchronizeReplicas?.enabled ?? true;
export const areSlotsManaged = (cluster: Cluster): boolean =>
  areHighAvailabilitySlotsEnabled(cluster) || areUserSlotsSynchronized(cluster);

export function slotPrefix(cluster: Cluster): string {
  const prefix = cluster.spec.replicationSlots?.highAvailability?.slotPrefix;
  return prefix === undefined || prefix === '' ? '_cnpg_' : prefix;
}

/** Replication slot of an instance; empty when such slots are off. */
export function slotName(cluster: Cluster, instanceName: string): string {
  if (!areHighAvailabilitySlotsEnabled(cluster)) return '';
  return `${slotPrefix(cluster)}${instanceName}`.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '_');
}

/** Labels that tell failure domains apart, and whether they are labels of pods or nodes. */
export function failureDomainKeys(
  cluster: Cluster,
): { readonly of: 'pod' | 'node'; readonly keys: readonly string[] } | undefined {
  const { podFailureDomainKeys = [], nodeFailureDomainKeys = [] } = cluster.spec.postgresql?.synchronous ?? {};
  if (podFailureDomainKeys.length > 0) return { of: 'pod', keys: podFailureDomainKeys };
  return nodeFailureDomainKeys.length > 0 ? { of: 'node', keys: nodeFailureDomainKeys } : undefined;
}

/** Whether labels of two places differ in at least one of the keys; a place without labels is not known to. */
export function isOtherDomain(
  own: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>> | undefined,
  keys: readonly string[],
): boolean {
  return other !== undefined && keys.some((key) => other[key] !== own[key]);
}

export const isPluginEnabled = (plugin: PluginConfiguration): boolean => plugin.enabled ?? true;

/** The plugin that archives the WAL, if one does. */
export const walArchiverPlugin = (cluster: Cluster): PluginConfiguration | undefined =>
  cluster.spec.plugins?.find((plugin) => isPluginEnabled(plugin) && plugin.isWALArchiver === true);

/**
 * Whether the primary writes into the FailoverQuorum on whom its commits depend: where the user asks for it, and where
 * an acknowledged commit must never be lost. Standbys from outside may be the only ones that confirmed a commit; with
 * them there is nothing that instances alone could prove.
 */
export function isQuorumPublished(cluster: Cluster): boolean {
  const synchronous = cluster.spec.postgresql?.synchronous;
  if (synchronous === undefined) return false;
  if (synchronous.failoverQuorum === true) return true;
  const fromOutside = [...(synchronous.standbyNamesPre ?? []), ...(synchronous.standbyNamesPost ?? [])];
  return synchronous.dataDurability !== 'preferred' && fromOutside.length === 0;
}
