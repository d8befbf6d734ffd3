import type { Cluster } from '@matriarch/api';
import { done, type ReconcileResult, requeue } from '@matriarch/kubernetes';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import { act } from '../primary/act.ts';
import { decideInstance, type InstanceStep, type InstanceView } from '../primary/decide.ts';
import { observeInstance } from '../primary/observe.ts';
import { primaryDuties } from './duties.ts';
import { certificatesStep, configurationStep } from './files.ts';
import type { Memory } from './memory.ts';
import { reloadStep } from './reload.ts';
import { restartStep } from './restart.ts';
import { settleLeftovers } from './start.ts';

/** More steps than any change of roles takes; then the loop looks whether something else is waiting. */
const stepsPerPass = 20;

/** One pass: brings this instance towards what the Cluster says, step by step, each decided on a fresh look. */
export async function reconcile(instance: Instance, memory: Memory, signal: AbortSignal): Promise<ReconcileResult> {
  const files = { fresh: false, archiveProblem: false };
  for (let count = 0; count < stepsPerPass && !signal.aborted; count += 1) {
    const cluster = instance.cluster.current();
    if (cluster === undefined) return done;
    await settleLeftovers(instance, memory, cluster, signal);
    const view = await observeInstance(instance, memory, cluster);
    const step = decideInstance(view);
    instance.state.update({ fenced: view.cluster.fenced });
    if (needsFiles(step) && !files.fresh) {
      files.fresh = true;
      await certificatesStep(instance, memory, cluster);
      files.archiveProblem = await applyArchiving(instance, memory, cluster);
      // What was decided before may be old by now.
      continue;
    }
    const result =
      step.kind === 'run'
        ? await runningSteps(view, { instance, memory, cluster, signal })
        : await act(step, view, { instance, memory, cluster, signal });
    if (result === undefined) continue;
    if (result.kind !== 'done') return result;
    if (files.archiveProblem) return requeue(archiveRetryMs, 'the object store is not usable');
    // Nobody tells when the primary's new settings have been replayed.
    if (memory.configurationRaised) return requeue(raisedRetryMs, 'the smaller settings of the primary are awaited');
    return result;
  }
  return requeue(0, 'there is more to do');
}

const archiveRetryMs = 5000;
const raisedRetryMs = 1000;

/** Steps that end or hold up writes must not wait for Secrets and object stores. */
function needsFiles({ kind }: InstanceStep): boolean {
  return kind === 'start' || kind === 'promote' || kind === 'rejoin' || kind === 'run';
}

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

interface RunContext {
  readonly instance: Instance;
  readonly memory: Memory;
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
}

/** While an election waits for the receivers to end, it is told at once. */
const receiverWaitMs = 20;

/** The work of an instance that is who it should be. */
async function runningSteps(view: InstanceView, context: RunContext): Promise<ReconcileResult> {
  const { instance, memory, cluster, signal } = context;
  // A standby that reads old WAL does not accept connections for a while; its start is told as a change.
  if (instance.lifecycle.state !== 'running') return done;
  const promised = view.data === 'standby' && view.cluster.targetPrimary === 'pending' && memory.receiverCut;
  if (promised && view.receiver.active) return requeue(receiverWaitMs, 'the WAL receiver is ending');
  instance.state.update({ targetSeen: promised ? cluster.status?.targetPrimaryTimestamp : undefined });
  // In an election nothing else is worth a moment.
  if (view.cluster.targetPrimary !== view.cluster.currentPrimary && view.data === 'standby') return done;
  await configurationStep(instance, memory, cluster);
  const restarted = await restartStep(instance, memory, cluster, signal);
  if (restarted !== undefined) return restarted;
  await reloadStep(instance, memory, cluster, signal);
  const isPrimary = view.data === 'primary' && view.cluster.targetPrimary === view.podName;
  return isPrimary ? primaryDuties(instance, memory, cluster) : done;
}
