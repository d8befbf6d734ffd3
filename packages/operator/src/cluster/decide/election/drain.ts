import { clusterEvents, clusterPhases } from '@matriarch/api';
import { type ReconcileResult, requeue } from '@matriarch/kubernetes';
import type { Node } from 'kubernetes-types/core/v1.d.ts';
import { type Draft, event, setPhase, setTargetPrimary } from '../draft.ts';
import type { InstanceView } from '../instances.ts';

/** The node of the primary is to be emptied: the primary moves to another node while it is still healthy. */
export function drain(draft: Draft): ReconcileResult | undefined {
  const { snapshot, status, instances } = draft;
  const primary = instances.find(({ name }) => name === status.currentPrimary);
  const nodeName = primary?.pod.spec?.nodeName;
  if (!primary?.report || !nodeName || status.currentPrimary !== status.targetPrimary) return undefined;
  if (!isDraining(snapshot.nodes.get(nodeName), snapshot.config.drainTaints)) return undefined;
  const elsewhere = instances.filter(({ pod }) => pod.spec?.nodeName !== nodeName);
  const anyFailed = instances.some(({ active, terminating }) => !active && !terminating);
  const allReady = instances.every(({ ready }) => ready);
  if (!anyFailed && (!allReady || elsewhere.length < draft.groups.length - 1)) return undefined;
  const candidate = elsewhere.find((instance) => isCandidate(draft, instance));
  if (!candidate) return undefined;
  const words = `from ${primary.name} to ${candidate.name}`;
  const reason = `Current primary is running on unschedulable node ${nodeName}, switching over ${words}`;
  event(draft, 'Normal', clusterEvents.switchingOver, reason);
  setPhase(draft, clusterPhases.switchover, `Switching over to ${candidate.name}`);
  setTargetPrimary(draft, candidate.name);
  return requeue(1_000, reason);
}

function isCandidate({ snapshot }: Draft, { pod, ready, active, report }: InstanceView): boolean {
  const node = snapshot.nodes.get(pod.spec?.nodeName ?? '');
  const schedulable = node !== undefined && !isDraining(node, snapshot.config.drainTaints);
  return schedulable && ready && active && report?.isWalReceiverActive === true;
}

function isDraining(node: Node | undefined, taints: readonly string[]): boolean {
  if (!node) return false;
  return node.spec?.unschedulable === true || (node.spec?.taints ?? []).some(({ key }) => taints.includes(key));
}
