import {
  type Cluster,
  type ClusterPhase,
  type ClusterStatus,
  clusterPhases,
  conditionMessages,
  conditionReasons,
  conditionTypes,
} from '@matriarch/api';
import type { ReconcileResult } from '@matriarch/kubernetes';
import type { Condition } from 'kubernetes-types/meta/v1.d.ts';
import type { Action } from '../actions.ts';
import type { BuildContext } from '../builders/metadata.ts';
import type { Snapshot } from '../snapshot.ts';
import { type ClaimGroup, groupClaims } from './claims.ts';
import { type InstanceView, viewInstances } from './instances.ts';

/** A decision in the making: the snapshot, the status as it will be, and the actions so far. */
export interface Draft {
  readonly snapshot: Snapshot;
  readonly status: ClusterStatus;
  readonly actions: Action[];
  /** Instances with a pod, the best candidate for primary first. */
  readonly instances: readonly InstanceView[];
  readonly groups: readonly ClaimGroup[];
}

/** One step of a pass: undefined goes on to the next step, a result ends the pass. */
export type Step = (draft: Draft) => ReconcileResult | undefined;

export function createDraft(snapshot: Snapshot): Draft {
  return {
    snapshot,
    // Steps replace fields and change none in place.
    status: { ...snapshot.cluster.status },
    actions: [],
    instances: viewInstances(snapshot),
    groups: groupClaims(snapshot),
  };
}

/** The cluster with the status as drafted: what builders should see. */
export function draftedCluster({ snapshot, status }: Draft): Cluster {
  return { ...snapshot.cluster, status };
}

export function buildContext(draft: Draft): BuildContext {
  return { cluster: draftedCluster(draft), config: draft.snapshot.config };
}

/** Sets the phase, and with it the condition Ready. */
export function setPhase(draft: Draft, phase: ClusterPhase, reason = ''): void {
  draft.status.phase = phase;
  if (reason === '') delete draft.status.phaseReason;
  else draft.status.phaseReason = reason;
  const ready = phase === clusterPhases.healthy;
  setCondition(draft, {
    type: conditionTypes.ready,
    status: ready ? 'True' : 'False',
    reason: ready ? conditionReasons.clusterIsReady : conditionReasons.clusterIsNotReady,
    message: ready ? conditionMessages.clusterIsReady : conditionMessages.clusterIsNotReady,
  });
}

/** Adds or changes a condition; its transition time moves only when its status does. */
export function setCondition(draft: Draft, condition: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>): void {
  const conditions = draft.status.conditions ?? [];
  const known = conditions.find(({ type }) => type === condition.type);
  const moved = known?.status !== condition.status;
  const time = `${new Date(draft.snapshot.now).toISOString().slice(0, 19)}Z`;
  const next = { ...condition, lastTransitionTime: moved || !known ? time : known.lastTransitionTime };
  draft.status.conditions = known ? conditions.map((each) => (each === known ? next : each)) : [...conditions, next];
}

export function event(draft: Draft, type: 'Normal' | 'Warning', reason: string, message: string): void {
  draft.actions.push({ kind: 'event', type, reason, message });
}

/** Time with six digits after the second, as the timestamps of primaries have it. */
export function preciseTime(now: number): string {
  return new Date(now).toISOString().replace('Z', '000Z');
}

export function setTargetPrimary(draft: Draft, name: string): void {
  draft.status.targetPrimary = name;
  draft.status.targetPrimaryTimestamp = preciseTime(draft.snapshot.now);
}
