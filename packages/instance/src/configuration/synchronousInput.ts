import { type Cluster, failureDomainKeys } from '@matriarch/api';
import type { SynchronousInput } from './synchronous.ts';

/** What the choice of synchronous standbys needs of a Cluster. */
export function synchronousInput(cluster: Cluster): SynchronousInput {
  const { spec, status } = cluster;
  const synchronous = spec.postgresql?.synchronous;
  const constraint = spec.postgresql?.syncReplicaElectionConstraint;
  const topology = status?.topology;
  return {
    clusterName: cluster.metadata.name ?? '',
    primary: status?.currentPrimary || status?.targetPrimary || '',
    instances: status?.instanceNames ?? [],
    healthy: status?.instancesStatus?.healthy ?? [],
    synchronous:
      synchronous === undefined
        ? undefined
        : {
            method: synchronous.method === 'first' ? 'first' : 'any',
            number: synchronous.number,
            dataDurability: synchronous.dataDurability === 'preferred' ? 'preferred' : 'required',
            maxStandbyNamesFromCluster: synchronous.maxStandbyNamesFromCluster,
            standbyNamesPre: synchronous.standbyNamesPre ?? [],
            standbyNamesPost: synchronous.standbyNamesPost ?? [],
          },
    minSyncReplicas: spec.minSyncReplicas ?? 0,
    maxSyncReplicas: spec.maxSyncReplicas ?? 0,
    topology: topology?.successfullyExtracted === true ? (topology.instances ?? {}) : undefined,
    domainKeys: failureDomainKeys(cluster)?.keys ?? [],
    antiAffinityKeys: constraint?.enabled === true ? (constraint.nodeLabelsAntiAffinity ?? []) : undefined,
  };
}
