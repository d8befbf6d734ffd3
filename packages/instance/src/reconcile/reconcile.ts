import type { Cluster } from '@matriarch/api';
import { done, type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { isFenced } from '../cluster.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import { becomeCurrent, promoteInstance } from '../primary/promote.ts';
import { primaryDuties } from './duties.ts';
import { certificatesStep, configurationStep } from './files.ts';
import type { Memory } from './memory.ts';
import { reloadStep } from './reload.ts';
import { restartStep } from './restart.ts';
import { currentRole, startStep } from './start.ts';
import { clusterStopPlan, leaseTimings } from './timings.ts';

/** One pass: brings this instance a step nearer to what the Cluster says. */
export async function reconcile(instance: Instance, memory: Memory, signal: AbortSignal): Promise<ReconcileResult> {
  const cluster = instance.cluster.current();
  if (cluster === undefined) return done;
  await certificatesStep(instance, memory, cluster);
  const archiveProblem = await applyArchiving(instance, memory, cluster);

  const fenced = isFenced(cluster, instance.options.podName);
  if (fenced) return fence(instance, memory, cluster);
  instance.state.update({ fenced: false });

  if (instance.lifecycle.state === 'down') {
    const waiting = await startStep(instance, memory, cluster, signal);
    if (waiting !== undefined) return waiting;
  } else {
    await configurationStep(instance, memory, cluster);
  }
  // A standby that reads old WAL does not accept connections for a while; its start is told as a change.
  if (instance.lifecycle.state !== 'running') return done;
  const result =
    (await roleStep(instance, memory, cluster, signal)) ?? (await runningSteps(instance, memory, cluster, signal));
  if (result.kind !== 'done') return result;
  if (archiveProblem) return requeue(archiveRetryMs, 'the object store is not usable');
  // Nobody tells when the primary's new settings have been replayed.
  if (memory.configurationRaised) return requeue(raisedRetryMs, 'the smaller settings of the primary are awaited');
  return result;
}

const archiveRetryMs = 5000;
const raisedRetryMs = 1000;

/** A missing Secret of the object store must not keep an instance from being promoted. True = try again. */
async function applyArchiving(instance: Instance, memory: Memory, cluster: Cluster): Promise<boolean> {
  try {
    await memory.archiving.apply(cluster);
    return false;
  } catch (error) {
    instance.logger.error({ error: errorText(error) }, 'The object store cannot be used');
    if (cluster.status?.currentPrimary === instance.options.podName) memory.archiving.report(errorText(error));
    return true;
  }
}

/** A fenced instance has no running PostgreSQL, and the manager waits. */
async function fence(instance: Instance, memory: Memory, cluster: Cluster): Promise<ReconcileResult> {
  instance.state.update({ fenced: true });
  if (instance.lifecycle.state !== 'down') {
    await instance.lifecycle.stop('fence', clusterStopPlan(cluster, 'fence'));
    memory.prepared = false;
  }
  return done;
}

/** Makes PostgreSQL the primary or stops it being one, as the target says. */
async function roleStep(
  instance: Instance,
  memory: Memory,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  switch (await currentRole(instance, cluster)) {
    case 'promote':
      memory.rolesReady = false;
      return promoteInstance(instance, cluster, signal);
    case 'hold':
      return hold(instance, cluster, signal);
    case 'demote':
      instance.logger.info(
        { target: cluster.status?.targetPrimary },
        'This instance is not the target primary any more',
      );
      await instance.lifecycle.stop('demote', clusterStopPlan(cluster, 'demote'));
      await instance.lease.release();
      memory.prepared = false;
      return requeue(0, 'PostgreSQL was stopped to become a standby');
    case 'designate':
      if (cluster.status?.currentPrimary !== instance.options.podName) await becomeCurrent(instance);
      return undefined;
    case 'follow':
      return undefined;
  }
}

async function hold(instance: Instance, cluster: Cluster, signal: AbortSignal): Promise<ReconcileResult | undefined> {
  if (!(await instance.lease.acquire(leaseTimings(cluster), 1000, signal))) {
    return requeue(0, 'the primary lease is held by another instance');
  }
  if (cluster.status?.currentPrimary !== instance.options.podName) await becomeCurrent(instance);
  return undefined;
}

async function runningSteps(
  instance: Instance,
  memory: Memory,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReconcileResult> {
  const restarted = await restartStep(instance, memory, cluster, signal);
  if (restarted !== undefined) return restarted;
  await reloadStep(instance, memory, cluster, signal);
  const role = await currentRole(instance, cluster);
  return role === 'hold' ? primaryDuties(instance, memory, cluster) : done;
}
