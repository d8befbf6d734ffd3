// Validation of a Cluster: every rule, all errors.
import type { ApiConfig } from '../../names/defaults.ts';
import type { FieldError } from '../../validation/errors.ts';
import { defaultOldCluster } from '../defaults/cluster.ts';
import type { Cluster } from '../kind.ts';
import { authenticationRules } from './authentication.ts';
import { backupRules } from './backup.ts';
import { bootstrapRules } from './bootstrap.ts';
import { durationRules } from './durations.ts';
import { extensionRules } from './extensions.ts';
import { externalRules } from './external.ts';
import { imageRules } from './image.ts';
import { importRules } from './import.ts';
import { instanceRules } from './instances.ts';
import { managedRules } from './managed.ts';
import { metadataRules } from './metadata.ts';
import { parameterRules } from './parameters.ts';
import { podPatch } from './podPatch.ts';
import { recoveryTargetRules } from './recoveryTarget.ts';
import { replicaRules } from './replica.ts';
import { resourceRules } from './resources.ts';
import type { ClusterContext, ClusterRule } from './rule.ts';
import { schedulingRules } from './scheduling.ts';
import { securityRules } from './security.ts';
import { slotRules } from './slots.ts';
import { storageRules } from './storage.ts';
import { updateRules } from './update.ts';

const rules: readonly ClusterRule[] = [
  ...metadataRules,
  podPatch,
  ...imageRules,
  ...bootstrapRules,
  ...importRules,
  ...recoveryTargetRules,
  ...securityRules,
  ...instanceRules,
  ...storageRules,
  ...externalRules,
  ...replicaRules,
  ...schedulingRules,
  ...resourceRules,
  ...parameterRules,
  ...authenticationRules,
  ...extensionRules,
  ...slotRules,
  ...managedRules,
  ...backupRules,
  ...durationRules,
];

/** Makes the pod of the first instance, to try patches on. */
export type PodBuilder = NonNullable<ClusterContext['buildPod']>;

const contextOf = (cluster: Cluster, config: ApiConfig, buildPod: PodBuilder | undefined): ClusterContext => ({
  cluster,
  spec: cluster.spec,
  config,
  ...(buildPod === undefined ? {} : { buildPod }),
});

/** All errors of a cluster, which should have its defaults. */
export function validateCluster(cluster: Cluster, config: ApiConfig, buildPod?: PodBuilder): FieldError[] {
  const context = contextOf(cluster, config, buildPod);
  return rules.flatMap((rule) => rule(context));
}

/** All errors of a changed cluster: its own, and those of the change. */
export function validateClusterUpdate(
  cluster: Cluster,
  old: Cluster,
  config: ApiConfig,
  buildPod?: PodBuilder,
): FieldError[] {
  const context = { ...contextOf(cluster, config, buildPod), old: defaultOldCluster(old, config) };
  return [...validateCluster(cluster, config, buildPod), ...updateRules.flatMap((rule) => rule(context))];
}
