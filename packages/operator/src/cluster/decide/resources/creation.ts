import { clusterEvents, clusterPhases, isInitialized, labels, roles } from '@matriarch/api';
import { type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { bootstrapRole, buildJob, jobName } from '../../builders/job.ts';
import { buildInstancePod } from '../../builders/pod.ts';
import { buildClaim, expectedClaims, instanceName } from '../../builders/pvc.ts';
import { type ClaimGroup, isJobComplete, isLeaving, nextSerial } from '../claims.ts';
import { buildContext, type Draft, event, type Step, setPhase, setTargetPrimary } from '../draft.ts';
import { podName } from '../instances.ts';

/*
 * How an instance comes about: claims, marked as not filled -> a job that fills them -> the claims are marked ready ->
 * a pod. Each step is decided from what is there, so a crash between any two of them only means that the next pass goes
 * on; a claim that no job has filled gets its job again.
 */

/** No volume at all: the first instance, unless there had been some that are lost. */
export const firstInstance: Step = (draft) => {
  const { snapshot, groups } = draft;
  if (groups.length > 0) return undefined;
  if (isInitialized(snapshot.cluster)) {
    const reason =
      'One or more instances were previously created, but no PersistentVolumeClaims (PVCs) exist. The cluster is in an unrecoverable state. To resolve this, restore the cluster from a recent backup.';
    setPhase(draft, clusterPhases.unrecoverable, reason);
    return requeue(60_000, reason);
  }
  const backup = snapshot.cluster.spec.bootstrap?.recovery?.backup?.name;
  if (backup && snapshot.originBackup?.status?.phase !== 'completed') return waitForBackup(draft, backup);
  const serial = 1;
  const name = instanceName(snapshot.cluster, serial);
  if (isLeaving(snapshot, name)) return requeue(1_000, 'waiting for old volume claims to go');
  setPhase(draft, clusterPhases.firstPrimary, `Creating primary instance ${name}`);
  setTargetPrimary(draft, name);
  createClaims(draft, serial);
  return requeue(1_000, 'creating the first primary');
};

function waitForBackup(draft: Draft, name: string): ReconcileResult {
  const { cluster, originBackup } = draft.snapshot;
  const reason = `Backup object "${cluster.metadata.namespace}/${name}" is missing`;
  if (!originBackup) event(draft, 'Warning', clusterEvents.errorNoBackup, reason);
  return requeue(60_000, originBackup ? `the Backup ${name} is not completed` : reason);
}

/** Claims of an instance that are missing; those of a filled instance are made empty and ready. */
export function createClaims(
  draft: Draft,
  serial: number,
  options: { only?: readonly string[]; status?: string } = {},
): void {
  const context = buildContext(draft);
  for (const claim of expectedClaims(context.cluster, instanceName(context.cluster, serial))) {
    if (options.only && !options.only.includes(claim.name)) continue;
    const request = { claim, serial, ...(options.status ? { status: options.status } : {}) };
    draft.actions.push({ kind: 'create', resource: 'persistentVolumeClaims', object: buildClaim(context, request) });
  }
}

/** Jobs and pods for the claims that have neither: the instance that is to be the primary first, and alone. */
export const missingInstances: Step = (draft) => {
  const { groups, status } = draft;
  const idle = groups.filter((group) => !group.pod && !group.leaving && (!group.job || isJobComplete(group.job)));
  const primary = primaryGroup(draft);
  const only = primary && !primary.pod ? idle.filter((group) => group === primary) : idle;
  let created: ReconcileResult | undefined;
  for (const group of only) {
    if (group.missing.length > 0 && isFilled(group))
      createClaims(draft, group.serial, { only: group.missing, status: 'ready' });
    else if (group.missing.length > 0) createClaims(draft, group.serial, { only: group.missing });
    else if (group.ready) createPod(draft, group);
    else if (!group.job) createJob(draft, group, primary === group && !status.currentPrimary);
    else continue;
    created = requeue(1_000, `creating ${group.name}`);
  }
  return created;
};

function primaryGroup({ groups, status }: Draft): ClaimGroup | undefined {
  const labelled = (group: ClaimGroup) =>
    group.claims.some(({ metadata }) => metadata?.labels?.[labels.instanceRole] === roles.instance.primary);
  return (
    groups.find(({ name }) => name === status.targetPrimary) ??
    groups.find(({ name }) => name === status.currentPrimary) ??
    groups.find(labelled)
  );
}

/** The data are there although a claim was added later. */
function isFilled({ claims, name }: ClaimGroup): boolean {
  const data = claims.find(({ metadata }) => metadata?.name === name);
  return data?.metadata?.annotations?.['cnpg.io/pvcStatus'] === 'ready';
}

export function createPod(draft: Draft, group: ClaimGroup): void {
  draft.actions.push({ kind: 'create', resource: 'pods', object: buildInstancePod(buildContext(draft), group.serial) });
}

const bootstrapWords: Record<string, string> = {
  'full-recovery': 'Primary instance (from backup)',
  pgbasebackup: 'Primary instance (from physical backup)',
};

function createJob(draft: Draft, group: ClaimGroup, isFirst: boolean): void {
  const context = buildContext(draft);
  const role = isFirst ? bootstrapRole(context) : roles.job.join;
  const { originBackup } = draft.snapshot;
  if (!isFirst) setPhase(draft, clusterPhases.creatingReplica, `Creating replica ${jobName(group.name, role)}`);
  const message = isFirst ? (bootstrapWords[role] ?? 'Primary instance (initdb)') : `Creating instance ${group.name}`;
  event(draft, 'Normal', clusterEvents.creatingInstance, message);
  draft.actions.push({
    kind: 'create',
    resource: 'jobs',
    object: buildJob(context, { serial: group.serial, role, originBackup }),
  });
}

/** One more instance, when there are fewer than wanted, the primary is well and no other is being filled. */
export const scaleUp: Step = (draft) => {
  const { snapshot, groups, instances, status } = draft;
  if (groups.length >= snapshot.cluster.spec.instances) return undefined;
  const primary = instances.find(({ name }) => name === status.currentPrimary);
  const filling = groups.some(({ ready, pod }) => !ready && !pod);
  const troubled = instances.some(({ active }) => !active);
  if (!primary?.ready || !primary.report || filling || troubled) return undefined;
  const serial = nextSerial(groups);
  const name = instanceName(snapshot.cluster, serial);
  setPhase(draft, clusterPhases.creatingReplica, `Creating replica ${jobName(name, roles.job.join)}`);
  const leftover = snapshot.pods.some((pod) => podName(pod) === name);
  if (leftover || isLeaving(snapshot, name)) return requeue(1_000, 'waiting for an old pod or its claims to go');
  createClaims(draft, serial);
  return requeue(1_000, `creating ${name}`);
};

/** Jobs that are at work. */
export const runningJobs: Step = ({ groups }) => {
  const open = groups.some(({ pod, ready }) => !pod && !ready);
  return open ? requeue(5_000, 'waiting for a job to end') : undefined;
};
