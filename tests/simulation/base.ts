/** Healthy clusters to begin with, made once per kind of cluster by the real decisions and shared by all schedules. */
import type { Cluster } from '@matriarch/api';
import type { KubernetesObject } from '@matriarch/kubernetes';
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Snapshot } from '../../packages/operator/src/cluster/snapshot.ts';
import { merge } from '../../packages/operator/src/cluster/testing/model.ts';
import { healthyModel } from '../../packages/operator/src/cluster/testing/world.ts';
import type { OperatorConfig } from '../../packages/operator/src/config/schema.ts';
import { clusterName } from './world.ts';

export interface Base {
  readonly config: OperatorConfig;
  readonly cluster: Cluster;
  readonly lease: Lease;
  readonly pods: readonly Pod[];
  /** Claims, and what else there is once per instance. */
  readonly claims: readonly KubernetesObject[];
  readonly quorum: KubernetesObject;
  readonly owned: Snapshot['owned'];
  readonly secrets: Snapshot['secrets'];
}

const bases = new Map<number, Base>();

/** Only the number of instances makes other objects; the rest of the spec is laid over it. */
export function baseOf({ instances = 3, ...spec }: Partial<Cluster['spec']>): Base {
  const base = bases.get(instances) ?? bringUp(instances);
  bases.set(instances, base);
  const { cluster } = base;
  return { ...base, cluster: { ...cluster, spec: merge(cluster.spec, spec) as Cluster['spec'] } };
}

function bringUp(instances: number): Base {
  const model = healthyModel({ instances });
  return {
    config: model.config,
    cluster: model.cluster,
    lease: model.get('leases', clusterName) as Lease,
    pods: model.list<Pod>('pods').map(slim),
    claims: model.list('persistentVolumeClaims'),
    // There whether it is asked for or not: the settings may change.
    quorum: { metadata: { name: clusterName, namespace: model.cluster.metadata.namespace } },
    owned: model.snapshot().owned,
    secrets: new Map(),
  };
}

/** Nothing here changes the shape of pods, so its copy on the pod would only be compared in vain. */
function slim(pod: Pod): Pod {
  const { 'cnpg.io/podSpec': _spec, ...annotations } = pod.metadata?.annotations ?? {};
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}
