import {
  conditionMessages,
  conditionReasons,
  conditionTypes,
  instanceSelector,
  isAutomaticIntegration,
  isInitialized,
  operatorCommit,
  poolerAuthSecretName,
  readServiceName,
  readWriteServiceName,
} from '@matriarch/api';
import { isJobComplete } from '../claims.ts';
import { type Draft, type Step, setCondition } from '../draft.ts';
import { fallBack, isAlive } from '../election/fallback.ts';
import { claimLists } from './claims.ts';
import { failureDomains } from './domains.ts';
import { certificateStatus, versionStatus } from './secrets.ts';
import { topologyOf } from './topology.ts';

/** What can be said of the cluster from its objects alone, before any instance is asked. */
export const observed: Step = (draft) => {
  const { snapshot, status, instances, groups } = draft;
  const { cluster, jobs, claims } = snapshot;
  status.instances = groups.length;
  status.instanceNames = groups.map(({ name }) => name).sort();
  status.readyInstances = instances.filter(({ ready, active }) => ready && active).length;
  status.selector = instanceSelector(cluster);
  status.instancesStatus = healthOf(draft);
  status.pvcCount = claims.length;
  status.jobCount = jobs.filter((job) => !isJobComplete(job)).length;
  Object.assign(status, claimLists(snapshot));
  status.topology = topologyOf(snapshot);
  failureDomains(draft);
  status.writeService = readWriteServiceName(cluster);
  status.readService = readServiceName(cluster);
  status.certificates = certificateStatus(snapshot);
  Object.assign(status, versionStatus(snapshot));
  status.onlineUpdateEnabled = snapshot.config.inPlaceUpdates;
  ownVersion(draft);
  poolers(draft);
  initialized(draft);
  resetTarget(draft);
  return undefined;
};

/** Which operator this is, and what it would have the instances run. */
function ownVersion({ snapshot, status }: Draft): void {
  if (operatorCommit !== '') status.cloudNativePGCommitHash = operatorCommit;
  const { managers } = snapshot.operator;
  const [first] = managers;
  if (first === undefined) return;
  status.availableArchitectures = managers.map(({ goArch, hash }) => ({ goArch, hash }));
  status.cloudNativePGOperatorHash = first.hash;
}

function healthOf({ instances }: Draft): Record<string, string[]> {
  const lists: Record<string, string[]> = {};
  const add = (key: string, name: string) => {
    lists[key] = [...(lists[key] ?? []), name].sort();
  };
  for (const { name, ready, active, terminating } of instances) {
    if (terminating) continue;
    if (active && ready) add('healthy', name);
    else add(active ? 'replicating' : 'failed', name);
  }
  return lists;
}

function poolers({ snapshot, status }: Draft): void {
  const { cluster, secrets } = snapshot;
  const automatic = snapshot.poolers.some(
    (pooler) => pooler.spec.cluster.name === cluster.metadata.name && isAutomaticIntegration(pooler),
  );
  const name = poolerAuthSecretName(cluster.metadata.name);
  const usable = automatic && (secrets.get(name)?.owned ?? true);
  if (usable) status.poolerIntegrations = { pgBouncerIntegration: { secrets: [name] } };
  else delete status.poolerIntegrations;
}

function initialized(draft: Draft): void {
  const { snapshot, groups } = draft;
  if (isInitialized(snapshot.cluster)) return;
  const complete = groups.length > 0;
  setCondition(draft, {
    type: conditionTypes.initialized,
    status: complete ? 'True' : 'False',
    reason: complete ? conditionReasons.bootstrapCompleted : conditionReasons.bootstrapPending,
    message: complete ? conditionMessages.bootstrapCompleted : 'Cluster bootstrap is pending',
  });
}

/**
 * A target that is no longer there, or that was only `pending`, is dropped; a failover sets it anew. One that neither
 * answers nor is ready will not take over.
 */
function resetTarget(draft: Draft): void {
  const { status, instances } = draft;
  const { currentPrimary, targetPrimary } = status;
  if (!currentPrimary || targetPrimary === currentPrimary) return;
  const target = instances.find(({ name }) => name === targetPrimary);
  const someReady = instances.some(({ ready }) => ready);
  if (target !== undefined && isAlive(target) && someReady) return;
  fallBack(draft);
}
