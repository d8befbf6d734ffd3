import type * as apps from 'kubernetes-types/apps/v1.d.ts';
import type * as core from 'kubernetes-types/core/v1.d.ts';
import type * as meta from 'kubernetes-types/meta/v1.d.ts';
import { reference } from './reference.ts';

/** An OCI image mounted as a volume; newer than the typed package. */
export interface ImageVolumeSource {
  pullPolicy?: string;
  reference?: string;
}

export const podAffinity = reference<core.PodAffinity>('core/v1 PodAffinity', {});
export const podAntiAffinity = reference<core.PodAntiAffinity>('core/v1 PodAntiAffinity', {});
export const nodeAffinity = reference<core.NodeAffinity>('core/v1 NodeAffinity', {});
export const toleration = reference<core.Toleration>('core/v1 Toleration', {});
export const typedLocalObjectReference = reference<core.TypedLocalObjectReference>(
  'core/v1 TypedLocalObjectReference',
  {},
);
export const localObjectReference = reference<core.LocalObjectReference & { name: string }>(
  'core/v1 LocalObjectReference',
  {},
);
export const secretKeySelector = reference<core.SecretKeySelector>('core/v1 SecretKeySelector', {});
export const envVar = reference<core.EnvVar>('core/v1 EnvVar', {});
export const envFromSource = reference<core.EnvFromSource>('core/v1 EnvFromSource', {});
export const ephemeralVolumeSource = reference<core.EphemeralVolumeSource>('core/v1 EphemeralVolumeSource', {});
export const imageVolumeSource = reference<ImageVolumeSource>('core/v1 ImageVolumeSource', {});
export const podSecurityContext = reference<core.PodSecurityContext>('core/v1 PodSecurityContext', {});
export const securityContext = reference<core.SecurityContext>('core/v1 SecurityContext', {});
export const seccompProfile = reference<core.SeccompProfile>('core/v1 SeccompProfile', {});
export const projectedVolumeSource = reference<core.ProjectedVolumeSource>('core/v1 ProjectedVolumeSource', {});
export const resourceRequirements = reference<core.ResourceRequirements>('core/v1 ResourceRequirements', {});
export const persistentVolumeClaimSpec = reference<core.PersistentVolumeClaimSpec>(
  'core/v1 PersistentVolumeClaimSpec',
  {},
);
export const topologySpreadConstraint = reference<core.TopologySpreadConstraint>(
  'core/v1 TopologySpreadConstraint',
  {},
);
export const serviceSpec = reference<core.ServiceSpec>('core/v1 ServiceSpec', {});
export const podSpec = reference<core.PodSpec>('core/v1 PodSpec', {});
export const deploymentStrategy = reference<apps.DeploymentStrategy>('apps/v1 DeploymentStrategy', {});
export const labelSelector = reference<meta.LabelSelector>('meta/v1 LabelSelector', {});
export const condition = reference<meta.Condition>('meta/v1 Condition', {});
