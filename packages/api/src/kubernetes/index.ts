// Kubernetes' own types that the custom resources contain.
export {
  ephemeralVolumeSource,
  type ImageVolumeSource,
  imageVolumeSource,
  persistentVolumeClaimSpec,
  projectedVolumeSource,
} from './claims.ts';
export { envFromSource, envVar, resourceRequirements } from './container.ts';
export { podSpec } from './pod.ts';
export { nodeAffinity, podAffinity, podAntiAffinity, toleration, topologySpreadConstraint } from './scheduling.ts';
export { podSecurityContext, seccompProfile, securityContext } from './security.ts';
export {
  condition,
  labelSelector,
  localObjectReference,
  secretKeySelector,
  typedLocalObjectReference,
} from './selectors.ts';
export { deploymentStrategy, serviceSpec } from './workloads.ts';
