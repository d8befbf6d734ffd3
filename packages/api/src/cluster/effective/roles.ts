// What a cluster is and may do: replica or primary, initialized, with which application database.
import { conditionTypes } from '../../names/conditions.ts';
import type { Cluster } from '../kind.ts';
import type { ExternalCluster } from '../schema/external.ts';

const isSet = (text: string | undefined): text is string => text !== undefined && text !== '';

/** Whether the cluster follows another one. */
export function isReplicaCluster(cluster: Cluster): boolean {
  const { replica } = cluster.spec;
  if (replica === undefined) return false;
  if (replica.enabled !== undefined) return replica.enabled;
  return (isSet(replica.self) ? replica.self : cluster.metadata.name) !== (replica.primary ?? '');
}

/** Whether the cluster must still prove that it may be promoted. */
export function isPromotionPending(cluster: Cluster): boolean {
  const token = cluster.spec.replica?.promotionToken;
  return isSet(token) && token !== cluster.status?.lastPromotionToken;
}

export function isInitialized(cluster: Cluster): boolean {
  const condition = cluster.status?.conditions?.find(({ type }) => type === conditionTypes.initialized);
  return condition?.status === 'True' || (cluster.status?.latestGeneratedNode ?? 0) !== 0;
}

export interface ApplicationDatabase {
  readonly database: string;
  readonly owner: string;
}

/** The database and the owner that the bootstrap makes, if it makes them. */
export function applicationDatabase(cluster: Cluster): ApplicationDatabase | undefined {
  const { recovery, pg_basebackup, initdb } = cluster.spec.bootstrap ?? {};
  const copied = recovery ?? pg_basebackup;
  if (copied !== undefined && isReplicaCluster(cluster)) return undefined;
  const { database, owner } = copied ?? initdb ?? {};
  return isSet(database) && isSet(owner) ? { database, owner } : undefined;
}

/** Whether the operator makes the Secret of the application owner. */
export function isApplicationSecretGenerated(cluster: Cluster): boolean {
  const { recovery, pg_basebackup, initdb } = cluster.spec.bootstrap ?? {};
  return applicationDatabase(cluster) !== undefined && !isSet((recovery ?? pg_basebackup ?? initdb)?.secret?.name);
}

/** Role that owns what has no owner: the application owner of the bootstrap, or postgres. */
export function defaultOwner(cluster: Cluster): string {
  const { recovery, pg_basebackup, initdb } = cluster.spec.bootstrap ?? {};
  return [recovery?.owner, pg_basebackup?.owner, initdb?.owner].find(isSet) ?? 'postgres';
}

export const externalCluster = (cluster: Cluster, name: string): ExternalCluster | undefined =>
  cluster.spec.externalClusters?.find((external) => external.name === name);
