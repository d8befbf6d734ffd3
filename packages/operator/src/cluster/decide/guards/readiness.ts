import { clusterEvents, clusterPhases } from '@matriarch/api';
import { requeue } from '@matriarch/kubernetes';
import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts';
import { postgresContainerName } from '../../builders/pod.ts';
import { event, type Step, setPhase } from '../draft.ts';
import { lossOf } from '../election/evidence.ts';
import { isPodReady } from '../instances.ts';

/** All instances are ready, and not one answers: the network between us and them is broken. */
export const unreachable: Step = (draft) => {
  const ready = draft.instances.filter((instance) => instance.active && instance.ready);
  if (ready.length === 0 || !ready.every(({ observation }) => observation.kind === 'unreachable')) return undefined;
  setPhase(draft, clusterPhases.statusExtractionError);
  return requeue(10_000, 'no instance answers');
};

const noDiskSpaceExitCode = 4;

/** A full volume is no reason to fail over: the standbys have the same volume. */
export const diskSpace: Step = (draft) => {
  if (!draft.snapshot.pods.some(isOutOfSpace)) return undefined;
  setPhase(draft, clusterPhases.notEnoughDiskSpace);
  return requeue(10_000, 'a volume is full');
};

function isOutOfSpace(pod: Pod): boolean {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === postgresContainerName);
  const exitCode = (state: ContainerStatus['state']) => state?.terminated?.exitCode;
  if (exitCode(status?.state) === noDiskSpaceExitCode) return true;
  return !isPodReady(pod) && exitCode(status?.lastState) === noDiskSpaceExitCode;
}

/** A candidate that the kubelet does not see ready yet; or a ready primary that does not answer us. */
export const readiness: Step = (draft) => {
  const { instances, status } = draft;
  const [first] = instances;
  const created = status.currentPrimary !== undefined && status.currentPrimary !== '';
  // What is known of a lost primary counts more than what probes say of a candidate, or of the primary itself.
  if (created && status.currentPrimary === status.targetPrimary && lossOf(draft) !== undefined) return undefined;
  if (created && first?.report && !first.ready && first.active) {
    return requeue(10_000, `${first.name} answers and is not ready yet`);
  }
  const primary = instances.find(({ name }) => name === status.currentPrimary);
  if (status.currentPrimary !== status.targetPrimary || !primary?.ready || primary.report) return undefined;
  if (primary.observation.kind !== 'unreachable') return requeue(1_000, `${primary.name} says nothing of itself yet`);
  event(
    draft,
    'Warning',
    clusterEvents.primaryStatusCheckFailed,
    `Primary instance ${primary.name} is ready and its status cannot be read`,
  );
  return requeue(10_000, `${primary.name} does not answer`);
};
