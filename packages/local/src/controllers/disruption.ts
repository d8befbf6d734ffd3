/** How many pods of a PodDisruptionBudget may be evicted. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from 'kubernetes-types/policy/v1.d.ts';
import { createController, ownKey } from '../runtime/controller.ts';
import {
  DEPLOYMENTS,
  type Key,
  keyOf,
  POD_DISRUPTION_BUDGETS,
  PODS,
  REPLICA_SETS,
  STATEFUL_SETS,
  type Stored,
} from '../runtime/resources.ts';
import { matchesSelector } from '../runtime/selector.ts';
import { timestamp } from '../runtime/time.ts';
import {
  type ControllerContext,
  controllerKey,
  controllerOf,
  isPodActive,
  isPodOver,
  isPodReady,
  isSame,
  type Running,
  share,
} from './common.ts';

/** An eviction that was granted counts against the budget until its pod is gone, or so long. */
const EVICTION_REMEMBERED_MS = 120_000;

export interface BudgetInput {
  readonly budget: Stored<PodDisruptionBudget>;
  /** Selected pods that are not over. */
  readonly pods: readonly Stored<Pod>[];
  /** How many pods their controllers want. */
  readonly expected: number;
  readonly now: number;
}

export function budgetStatus({ budget, pods, expected, now }: BudgetInput): PodDisruptionBudgetStatus {
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  const expectedPods = maxUnavailable === undefined && typeof minAvailable !== 'string' ? pods.length : expected;
  const desiredHealthy =
    maxUnavailable === undefined
      ? share(minAvailable ?? 0, expectedPods, Math.ceil)
      : Math.max(0, expectedPods - share(maxUnavailable, expectedPods, Math.ceil));
  const disrupted = Object.entries(budget.status?.disruptedPods ?? {}).filter(([name, since]) => {
    const pod = pods.find(({ metadata }) => metadata.name === name);
    return pod && pod.metadata.deletionTimestamp === undefined && Date.parse(since) + EVICTION_REMEMBERED_MS > now;
  });
  const leaving = new Set(disrupted.map(([name]) => name));
  const currentHealthy = pods.filter(
    (pod) => isPodActive(pod) && isPodReady(pod) && !leaving.has(pod.metadata.name),
  ).length;
  const allowed = expectedPods === 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  const known = budget.status?.conditions?.find(({ type }) => type === 'DisruptionAllowed');
  const status = allowed > 0 ? 'True' : 'False';
  const generation = budget.metadata.generation ?? 0;
  const since = known?.status === status ? known.lastTransitionTime : timestamp(now);
  const reason = allowed > 0 ? 'SufficientPods' : 'InsufficientPods';
  const condition = {
    type: 'DisruptionAllowed',
    status,
    observedGeneration: generation,
    lastTransitionTime: since,
    reason,
    message: '',
  };
  const others = (budget.status?.conditions ?? []).filter(({ type }) => type !== 'DisruptionAllowed');
  return {
    ...(disrupted.length > 0 ? { disruptedPods: Object.fromEntries(disrupted) } : {}),
    observedGeneration: generation,
    disruptionsAllowed: allowed,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    conditions: [...others, condition],
  };
}

export function startDisruptionBudgets({ api, caches, clock, log }: ControllerContext): Running {
  const budgets = caches.of(POD_DISRUPTION_BUDGETS);
  const pods = caches.of(PODS);
  const sets = caches.of(REPLICA_SETS);
  const deployments = caches.of(DEPLOYMENTS);
  const statefulSets = caches.of(STATEFUL_SETS);

  /** Each controller counts once; a pod without a known one counts as itself. */
  const expectedOf = (selected: readonly Stored<Pod>[]): number => {
    const wanted = new Map<string, number>();
    for (const pod of selected) {
      const set = controllerKey(pod, 'ReplicaSet').map(sets.get)[0];
      const deployment = set && controllerKey(set, 'Deployment').map(deployments.get)[0];
      const stateful = controllerKey(pod, 'StatefulSet').map(statefulSets.get)[0];
      const scaled = deployment ?? set ?? stateful;
      if (scaled) wanted.set(scaled.metadata.uid, scaled.spec?.replicas ?? 1);
      else {
        const id = controllerOf(pod)?.uid ?? pod.metadata.uid;
        wanted.set(id, (wanted.get(id) ?? 0) + 1);
      }
    }
    return [...wanted.values()].reduce((a, b) => a + b, 0);
  };
  const reconcile = async (key: Key): Promise<number | undefined> => {
    const budget = budgets.get(key);
    if (!budget) return undefined;
    const selected = pods
      .list(key.namespace)
      .filter((pod) => !isPodOver(pod) && matchesSelector(budget.spec?.selector, pod.metadata.labels));
    const status = budgetStatus({ budget, pods: selected, expected: expectedOf(selected), now: clock.now() });
    if (!isSame(status, budget.status))
      await api.updateSubresource(POD_DISRUPTION_BUDGETS, { ...budget, status }, 'status');
    return status.disruptedPods ? EVICTION_REMEMBERED_MS : undefined;
  };
  const controller = createController('disruption-budgets', reconcile, log);
  controller.watch(budgets, ownKey);
  controller.watch(pods, ({ object, previous }) =>
    budgets
      .list((object ?? previous)?.metadata.namespace)
      .filter(({ spec }) =>
        [object, previous].some((pod) => pod && matchesSelector(spec?.selector, pod.metadata.labels)),
      )
      .map(keyOf),
  );
  return controller;
}
