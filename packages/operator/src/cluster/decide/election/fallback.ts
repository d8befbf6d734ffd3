import { clusterPhases, leaseAnnotations } from '@matriarch/api';
import { type Draft, setPhase, setTargetPrimary } from '../draft.ts';

/**
 * Who is wanted when a target is dropped: the current primary, unless the Lease knows better. An instance that wrote its
 * name there had proven to have the data and was about to be promoted, or was, and has not been able to tell the
 * Cluster; nobody else can go on from the data of before.
 */
export function fallBack(draft: Draft): void {
  const { snapshot, status, instances } = draft;
  const { currentPrimary = '' } = status;
  const witness = snapshot.owned.lease?.metadata?.annotations?.[leaseAnnotations.lastPrimary];
  const promoted = instances.find(({ name }) => name === witness && name !== currentPrimary);
  if (promoted !== undefined && isAlive(promoted)) {
    setPhase(draft, clusterPhases.failOver, `Failing over from ${currentPrimary} to ${promoted.name}`);
    setTargetPrimary(draft, promoted.name);
  } else setTargetPrimary(draft, currentPrimary);
}

/** It may still take over: its pod runs, and its manager answers or is only not heard of yet. */
export function isAlive({ active, ready, observation }: Draft['instances'][number]): boolean {
  return active && (ready || (observation.kind !== 'ended' && observation.kind !== 'unreachable'));
}
