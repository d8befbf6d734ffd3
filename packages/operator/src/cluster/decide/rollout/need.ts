import { annotations } from '@matriarch/api';
import type { Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts';
import { buildInstancePod, postgresContainerName } from '../../builders/pod.ts';
import { bootstrapContainerName, instanceImage } from '../../builders/podspec.ts';
import { expectedClaims } from '../../builders/pvc.ts';
import { projectedVolume } from '../../builders/volumes.ts';
import { serialOf } from '../claims.ts';
import { buildContext, type Draft } from '../draft.ts';
import { type InstanceView, podName } from '../instances.ts';
import { contains } from '../merge.ts';
import { podDrift } from './drift.ts';

export interface Need {
  readonly reason: string;
  /** PostgreSQL can be restarted without a new pod. */
  readonly inPlace: boolean;
}

/** Why this instance must be restarted, if it must. */
export function rolloutNeed(draft: Draft, instance: InstanceView): Need | undefined {
  const { report, ready } = instance;
  if (!ready || !report || report.mightBeUnavailable) return undefined;
  if (!report.executableHash) {
    return { reason: `pod '${instance.name}' is not reporting the executable hash`, inPlace: false };
  }
  const reason = podReason(draft, instance.pod);
  if (reason) return { reason, inPlace: false };
  if (isRestartRequested(draft, instance.pod)) {
    return { reason: 'cluster has been explicitly restarted via annotation', inPlace: true };
  }
  if (report.pendingRestart)
    return { reason: 'PostgreSQL needs a restart to apply some configuration changes', inPlace: true };
  return undefined;
}

/** The pod remembers the request that it fulfilled last. */
function isRestartRequested({ snapshot }: Draft, pod: Pod): boolean {
  const requested = snapshot.cluster.metadata.annotations?.[annotations.restartedAt];
  return requested !== undefined && pod.metadata?.annotations?.[annotations.restartedAt] !== requested;
}

/** Why the pod itself is not as it should be, whatever its manager says. */
export function podReason(draft: Draft, pod: Pod): string | undefined {
  const { cluster, config } = draft.snapshot;
  const name = podName(pod);
  const mounted = (pod.spec?.volumes ?? []).map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName);
  const missing = expectedClaims(cluster, name).find((claim) => !mounted.includes(claim.name));
  if (missing) return `attaching a new PVC to the instance Pod: ${missing.name}`;
  const projected = pod.spec?.volumes?.find((volume) => volume.name === projectedVolume)?.projected;
  const template = cluster.spec.projectedVolumeTemplate;
  // The API server fills in defaults, so the pod may say more than the template.
  if (template === undefined ? projected !== undefined : !contains(projected, template)) {
    return 'the projected volume has changed';
  }
  const image = imageOf(pod, postgresContainerName);
  const wantedImage = instanceImage(buildContext(draft));
  if (image !== wantedImage) return `the instance is using a different image: ${image} -> ${wantedImage}`;
  const bootstrapImage = imageOf(pod, bootstrapContainerName);
  if (!config.inPlaceUpdates && bootstrapImage !== config.operatorImage) {
    return `the instance is using an old bootstrap container image: ${bootstrapImage} -> ${config.operatorImage}`;
  }
  return driftReason(draft, pod);
}

function driftReason(draft: Draft, pod: Pod): string | undefined {
  const { cluster } = draft.snapshot;
  if (cluster.metadata.annotations?.[annotations.reconcilePodSpec] === 'disabled') return undefined;
  const stored = pod.metadata?.annotations?.[annotations.podSpec];
  const serial = serialOf(pod);
  if (!stored || serial === undefined) return undefined;
  const wanted = buildInstancePod(buildContext(draft), serial).spec;
  const detail = wanted
    ? podDrift(JSON.parse(stored) as PodSpec, JSON.parse(JSON.stringify(wanted)) as PodSpec)
    : undefined;
  return detail ? `original and target PodSpec differ in ${detail}` : undefined;
}

function imageOf(pod: Pod, container: string): string | undefined {
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  return all.find(({ name }) => name === container)?.image;
}
