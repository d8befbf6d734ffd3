/** Where a pod goes: a node, or the reason why there is none. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import { reasonsAgainst, tolerates } from './filters.ts';
import { matchesTerm } from './node-affinity.ts';
import { countInTopology } from './pod-affinity.ts';
import type { NodeView, Snapshot } from './snapshot.ts';
import { domainCounts } from './spread.ts';

export type Decision =
  | { readonly kind: 'node'; readonly node: string }
  | { readonly kind: 'none'; readonly message: string };

const WAITS = 'WaitForFirstConsumer';

/** What must be there before a node can be chosen at all. */
function unreadyClaims(snapshot: Snapshot): string | undefined {
  for (const [name, found] of snapshot.claims) {
    if (!found) return `persistentvolumeclaim "${name}" not found`;
    const { claim, volume, storageClass } = found;
    if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`;
    const waits = storageClass?.volumeBindingMode === WAITS;
    if (!volume && !waits) return 'pod has unbound immediate PersistentVolumeClaims';
  }
  return undefined;
}

function explain(reasons: readonly string[], total: number): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  const text = `0/${total} nodes are available: ${parts.join(', ')}.`;
  return `${text} preemption: 0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`;
}

export function decide(pod: Stored<Pod>, snapshot: Snapshot): Decision {
  const total = snapshot.nodes.length;
  if (total === 0) return { kind: 'none', message: 'no nodes available to schedule pods' };
  const unready = unreadyClaims(snapshot);
  if (unready !== undefined) return { kind: 'none', message: `0/${total} nodes are available: ${unready}.` };
  const reasons: string[] = [];
  const feasible: NodeView[] = [];
  for (const view of snapshot.nodes) {
    const against = reasonsAgainst(pod, view, snapshot);
    if (against.length === 0) feasible.push(view);
    reasons.push(...against);
  }
  const best = bestOf(pod, feasible, snapshot);
  return best ? { kind: 'node', node: best } : { kind: 'none', message: explain(reasons, total) };
}

/**
 * Wishes of the pod come first, then evenness: few pods of the same owner on the node and in the zone, few pods at all.
 * The name decides what is left, so that the answer is always the same.
 */
function bestOf(pod: Stored<Pod>, feasible: readonly NodeView[], snapshot: Snapshot): string | undefined {
  const scored = feasible.map((view) => ({ name: view.node.metadata.name, score: rank(pod, view, snapshot) }));
  scored.sort((a, b) => compare(b.score, a.score) || (a.name < b.name ? -1 : 1));
  return scored[0]?.name;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Compared from left to right; more is better. */
function rank(pod: Stored<Pod>, view: NodeView, snapshot: Snapshot): number[] {
  return [
    wishes(pod, view, snapshot),
    -domainTotal(pod, view, snapshot),
    -siblings(pod, view, snapshot, 'kubernetes.io/hostname'),
    -siblings(pod, view, snapshot, 'topology.kubernetes.io/zone'),
    -view.pods.length,
  ];
}

function wishes(pod: Stored<Pod>, view: NodeView, snapshot: Snapshot): number {
  const { nodeAffinity, podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  let score = 0;
  for (const { weight, preference } of nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
    if (matchesTerm(preference, view)) score += weight;
  }
  for (const { weight, podAffinityTerm } of podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
    score += weight * countInTopology(podAffinityTerm, pod, view, snapshot);
  }
  for (const { weight, podAffinityTerm } of podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
    score -= weight * countInTopology(podAffinityTerm, pod, view, snapshot);
  }
  for (const taint of view.node.spec?.taints ?? []) {
    if (taint.effect === 'PreferNoSchedule' && !tolerates(pod.spec?.tolerations, taint)) score -= 100;
  }
  return score;
}

function domainTotal(pod: Stored<Pod>, view: NodeView, snapshot: Snapshot): number {
  return (pod.spec?.topologySpreadConstraints ?? []).reduce((sum, constraint) => {
    const domain = view.labels[constraint.topologyKey];
    return sum + (domainCounts(constraint, pod, snapshot).get(domain ?? '') ?? 0);
  }, 0);
}

/** Pods of the same controller in the same topology. */
function siblings(pod: Stored<Pod>, view: NodeView, snapshot: Snapshot, topologyKey: string): number {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
  if (owner === undefined) return 0;
  const value = view.labels[topologyKey];
  return snapshot.nodes
    .filter(({ labels }) => labels[topologyKey] === value)
    .flatMap(({ pods }) => pods)
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === owner)).length;
}
