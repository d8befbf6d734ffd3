import type { Cluster } from '@matriarch/api';
import type { KubernetesObject } from '@matriarch/kubernetes';
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import type { Node, PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Snapshot } from '../../../packages/operator/src/cluster/snapshot.ts';
import { cached, cachedList } from '../kubernetes/api.ts';
import { clusterName, type World, wallClock } from '../world.ts';
import type { Operator } from './operator.ts';
import { observations } from './pool.ts';

const none: ReadonlyMap<string, string> = new Map();

/** What the operator decides from: its caches, and what the instances said. */
export function snapshotOf(world: World, operator: Operator, cluster: Cluster): Snapshot {
  const list = <T extends KubernetesObject>(kind: string) => cachedList<T>(operator.watcher, kind);
  const nodes = list<Node>('nodes');
  const { base } = world;
  return {
    cluster,
    config: base.config,
    now: wallClock(world),
    operator: { fingerprint: 'f', podMonitorsExist: false, pullSecret: false, managers: [], update: { kind: 'idle' } },
    pods: list<Pod>('pods'),
    jobs: list<Job>('jobs'),
    claims: list<PersistentVolumeClaim>('persistentVolumeClaims'),
    foreignClaims: new Set<string>(),
    nodes: new Map(nodes.map((node) => [node.metadata?.name ?? '', node])),
    observations: observations(world, operator),
    owned: {
      ...base.owned,
      lease: cached<Lease>(operator.watcher, 'leases', clusterName),
      failoverQuorum: cached(operator.watcher, 'failoverQuorums', clusterName),
    },
    secrets: base.secrets,
    configMapVersions: none,
    monitoring: { configMap: { source: undefined, copy: undefined } },
    serviceAccountExists: true,
    catalog: undefined,
    poolers: [],
    databaseRoles: [],
    originBackup: undefined,
    rollouts: { anyCluster: undefined, thisCluster: operator.rolledOutAt },
  };
}
