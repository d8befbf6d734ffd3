import { areClaimsReused, clusterPhases, isMaintenanceInProgress } from '@matriarch/api';
import { requeue } from '@matriarch/kubernetes';
import { type Step, setPhase } from '../draft.ts';

/** Nothing below happens before all instances are ready and answer, and run with the same configuration. */
export const allReady: Step = ({ snapshot, instances, groups }) => {
  const tolerant = isMaintenanceInProgress(snapshot.cluster) && areClaimsReused(snapshot.cluster);
  if (instances.some(({ ready }) => !ready) && !tolerant)
    return requeue(10_000, 'waiting for the instances to be ready');
  if (instances.length < groups.length) return requeue(10_000, 'waiting for pods');
  if (instances.some(({ report }) => !report)) return requeue(1_000, 'waiting for the instances to answer');
  return undefined;
};

export const sameConfiguration: Step = ({ instances }) => {
  const versions = new Set(instances.map(({ report }) => report?.instanceManagerVersion));
  const hashes = new Set(instances.map(({ report }) => report?.loadedConfigurationHash));
  return hashes.size > 1 && versions.size === 1
    ? requeue(1_000, 'waiting for all instances to load the configuration')
    : undefined;
};

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
