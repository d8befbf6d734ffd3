import { clusterEvents, clusterPhases } from '@matriarch/api';
import { type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { type Draft, event, setPhase, setTargetPrimary } from '../draft.ts';

/** In a replica cluster the designated primary is replaced only when its pod is gone. */
export function designatedPrimary(draft: Draft): ReconcileResult | undefined {
  const { status, instances } = draft;
  const target = status.targetPrimary ?? '';
  const [best] = instances;
  if (!best?.report || !best.active || instances.some(({ name }) => name === target)) return undefined;
  if (instances.some(({ name, report }) => name !== target && report?.isWalReceiverActive)) {
    return requeue(1_000, 'waiting for all WAL receivers to end');
  }
  const reason = `Failing over from ${target} to ${best.name}`;
  event(draft, 'Normal', clusterEvents.failoverTarget, reason);
  setPhase(draft, clusterPhases.failOver, reason);
  setTargetPrimary(draft, best.name);
  return requeue(1_000, reason);
}
