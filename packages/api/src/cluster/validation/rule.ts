import type { ApiConfig } from '../../names/defaults.ts';
import type { FieldError } from '../../validation/errors.ts';
import type { Cluster } from '../kind.ts';
import type { ClusterSpec } from '../schema/spec.ts';

/** What a rule looks at. */
export interface ClusterContext {
  readonly cluster: Cluster;
  readonly spec: ClusterSpec;
  readonly config: ApiConfig;
  /** Makes the pod of the first instance; absent where nothing can make one, then patches are not tried out. */
  readonly buildPod?: (cluster: Cluster) => unknown;
}

/** One rule of validation: the errors that it finds, all of them. */
export type ClusterRule = (context: ClusterContext) => readonly FieldError[];

export interface ClusterUpdateContext extends ClusterContext {
  /** The object before the update, with defaults. */
  readonly old: Cluster;
}
export type ClusterUpdateRule = (context: ClusterUpdateContext) => readonly FieldError[];
