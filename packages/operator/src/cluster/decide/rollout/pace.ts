import { clusterEvents, clusterPhases } from '@matriarch/api';
import { type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { type Draft, event, setPhase } from '../draft.ts';

const longestWaitMs = 15_000;

/**
 * Takes the right to restart one instance now. A result instead means that the administrator asked for a pause since
 * the last rollout, of this cluster or of any other.
 */
export function takeSlot(draft: Draft, instance: string, reason: string): ReconcileResult | undefined {
  const { config, now, rollouts } = draft.snapshot;
  const until = (at: number | undefined, seconds: number) => (at === undefined ? 0 : at + seconds * 1000 - now);
  const left = Math.max(
    until(rollouts.thisCluster, config.instancesRolloutDelay),
    until(rollouts.anyCluster, config.clustersRolloutDelay),
  );
  if (left <= 0) {
    draft.actions.push({ kind: 'recordRollout', instance, reason });
    return undefined;
  }
  const message = `Rollout of pod ${instance} have been delayed for ${goDuration(left)}`;
  // Passes have many reasons to run meanwhile; the delay is told once.
  if (draft.status.phase !== clusterPhases.upgradeDelayed) {
    event(draft, 'Normal', clusterEvents.rolloutDelayed, message);
  }
  const why = 'The cluster needs to be updated, but the operator is configured to delay it';
  setPhase(draft, clusterPhases.upgradeDelayed, why);
  return requeue(Math.min(left, longestWaitMs), why);
}

/** As Go prints a duration, in whole seconds: `1m30s`, `1h0m0s`. */
export function goDuration(milliseconds: number): string {
  const total = Math.ceil(milliseconds / 1000);
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60];
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}
