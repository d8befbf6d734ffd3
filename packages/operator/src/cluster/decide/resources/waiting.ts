import { areClaimsReused, clusterPhases, isMaintenanceInProgress } from '@matriarch/api';
import { requeue } from '@matriarch/kubernetes';
import { postgresContainerName } from '../../builders/pod.ts';
import { type Step, setPhase } from '../draft.ts';
import type { InstanceView } from '../instances.ts';

// What is waited for here is told by a watch or a stream; the times are only for what nobody tells.

/** No change of the number of instances before all are ready, unless a node is away on purpose. */
export const podsReady: Step = ({ snapshot, instances, groups }) => {
  if (isMaintenanceInProgress(snapshot.cluster) && areClaimsReused(snapshot.cluster)) return undefined;
  if (instances.some(({ ready }) => !ready)) return requeue(10_000, 'waiting for the instances to be ready');
  return instances.length < groups.length ? requeue(10_000, 'waiting for pods') : undefined;
};

/** No rollout before all instances are ready and answer. */
export const allReporting: Step = ({ instances, groups }) => {
  if (instances.some(({ ready }) => !ready) || instances.length < groups.length)
    return requeue(10_000, 'waiting for the instances to be ready');
  return instances.some(({ report }) => !report) ? requeue(1_000, 'waiting for the instances to answer') : undefined;
};

/**
 * No rollout before all instances have loaded the same configuration. Those of different images or managers may differ
 * until the rollout is over: an instance loads a configuration only when it runs the image that it is for.
 */
export const sameConfiguration: Step = ({ instances }) => {
  const hashes = new Map<string, Set<string | undefined>>();
  for (const instance of instances) {
    const kind = `${instance.report?.instanceManagerVersion} ${imageOf(instance)}`;
    hashes.set(kind, (hashes.get(kind) ?? new Set()).add(instance.report?.loadedConfigurationHash));
  }
  return [...hashes.values()].some(({ size }) => size > 1)
    ? requeue(1_000, 'waiting for all instances to load the configuration')
    : undefined;
};

const imageOf = ({ pod }: InstanceView): string | undefined =>
  pod.spec?.containers.find(({ name }) => name === postgresContainerName)?.image;

export const noneAlive: Step = (draft) => {
  const { groups, instances } = draft;
  if (groups.length === 0 || instances.some(({ active }) => active)) return undefined;
  setPhase(draft, clusterPhases.unrecoverable, 'No pods are active, the cluster needs manual intervention ');
  return requeue(1_000, 'no pods are active');
};

/** The instance manager ends these phases itself. */
export const inPlaceRestart: Step = ({ status }) =>
  status.phase === clusterPhases.inplacePrimaryRestart ? requeue(1_000, 'waiting for the restart in place') : undefined;

export const healthy: Step = (draft) => {
  setPhase(draft, clusterPhases.healthy);
  return undefined;
};
