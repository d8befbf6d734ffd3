import type { Cluster } from '@matriarch/api';
import type { ResourceType } from '@matriarch/kubernetes';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import type { Instance } from '../instance.ts';

/** What the four kinds have in common. */
export interface SqlObject {
  metadata: ObjectMeta;
  spec: { cluster: { name?: string }; name: string };
  status?: { applied?: boolean; message?: string; observedGeneration?: number };
}

export interface Applied {
  /** More fields for the status. */
  readonly status: object;
  /** Why it is not as described, where parts of it are. */
  readonly problem?: string;
}

/** One kind: where it lives in Kubernetes and what it does in PostgreSQL. */
export interface SqlObjectKind<T extends SqlObject> {
  readonly type: ResourceType<T>;
  readonly finalizer: string;
  /** Two objects with the same identity manage the same thing. */
  readonly identity: (object: T) => string;
  readonly reclaim: (object: T) => 'delete' | 'retain';
  /** Whether something that the generation does not count has changed. */
  readonly isStale?: (instance: Instance, object: T) => Promise<boolean>;
  readonly apply: (instance: Instance, cluster: Cluster, object: T) => Promise<Applied>;
  readonly drop: (instance: Instance, object: T) => Promise<void>;
}
