import type { Cluster } from '@matriarch/api';
import { type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { putUnderWatch } from '../authority/guard.ts';
import { overrideStep } from '../configuration/files.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import type { Memory } from '../reconcile/memory.ts';
import { startServer } from '../reconcile/start.ts';
import { leaseTimings } from '../reconcile/timings.ts';
import { rejoin } from '../rejoin/rejoin.ts';
import { markStandby, unmarkStandby } from '../rejoin/role.ts';
import type { InstanceStep, InstanceView } from './decide.ts';
import { finalLsn } from './finalLsn.ts';
import { becomeCurrent, promoteInstance } from './promote.ts';
import { stopServer } from './stop.ts';

/** A target looks at the Lease so often; others are woken when the Cluster changes. */
const targetWaitMs = 50;
const otherWaitMs = 1000;

/** Undefined = look again at once. `run` is for the caller. */
export type StepOutcome = ReconcileResult | undefined;

export interface StepContext {
  readonly instance: Instance;
  readonly memory: Memory;
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
}

/** Carries one step out. Each may be done twice without harm. */
export async function act(
  step: Exclude<InstanceStep, { kind: 'run' }>,
  view: InstanceView,
  context: StepContext,
): Promise<StepOutcome> {
  const { instance, memory, cluster, signal } = context;
  switch (step.kind) {
    case 'wait': {
      const isTarget = view.cluster.targetPrimary === view.podName;
      return requeue(isTarget ? targetWaitMs : otherWaitMs, step.reason);
    }
    case 'stop':
      await stopServer(instance, cluster, step.cause);
      if (step.cause === 'diverged') {
        await unmarkStandby(instance.options.layout.pgData);
        instance.state.update({ diverged: false });
      }
      return undefined;
    case 'release':
      await instance.lease.release(await finalLsn(instance));
      return undefined;
    case 'acquire': {
      const claimed = await instance.lease.claim(leaseTimings(cluster), () => electorate(instance));
      memory.withdrawals.clear();
      return claimed ? undefined : requeue(targetWaitMs, 'another instance was faster with the primary lease');
    }
    case 'collect':
      await collect(step.term, step.from, context);
      return requeue(targetWaitMs, 'votes for the old primary are being withdrawn');
    case 'start':
      if (view.data === 'primary' && view.lease.held) await instance.lease.settle();
      instance.state.update({ isolated: false, writing: view.data === 'primary' });
      await startServer(instance, memory, cluster);
      if (view.data === 'primary') putUnderWatch(instance);
      return undefined;
    case 'cut':
    case 'connect':
      memory.receiverCut = step.kind === 'cut';
      await overrideStep(instance, cluster, memory.receiverCut);
      if (view.server !== 'down') instance.lifecycle.reload();
      return undefined;
    case 'promote':
      memory.rolesReady = false;
      await instance.lease.settle();
      instance.state.update({ writing: true });
      putUnderWatch(instance);
      await promoteInstance(instance, cluster, signal);
      memory.receiverCut = false;
      return undefined;
    case 'announce':
      await becomeCurrent(instance);
      return undefined;
    case 'rejoin':
      return rejoin(instance, memory.archiving, cluster, signal);
    case 'markStandby':
      await markStandby(instance.options.layout.pgData);
      return undefined;
  }
}

/** All instances of the Cluster, this one among them. */
export function electorate(instance: Instance): readonly string[] {
  const names = instance.cluster.current()?.status?.instanceNames ?? [];
  const { podName } = instance.options;
  return names.includes(podName) ? names : [...names, podName];
}

/** Asks instances, ourselves among them, to support the old primary no longer. */
async function collect(
  term: number,
  from: readonly string[],
  { instance, memory, cluster }: StepContext,
): Promise<void> {
  const { podName } = instance.options;
  const note = (name: string, remainingMs: number) =>
    memory.withdrawals.set(name, { term, endsAtMs: performance.now() + remainingMs });
  if (from.includes(podName)) note(podName, instance.ballot.withdraw(term));
  const peers = instance.peers.others(cluster, podName).filter(({ name }) => from.includes(name));
  await Promise.all(
    peers.map(async (peer) => {
      try {
        note(peer.name, await instance.peers.askWithdrawal(peer, term));
      } catch (error) {
        instance.logger.warn({ peer: peer.name, error: errorText(error) }, 'An instance did not withdraw its vote');
      }
    }),
  );
}
