/** Keeps as many pods as a ReplicaSet asks for. */
import type { ReplicaSet, ReplicaSetStatus } from 'kubernetes-types/apps/v1.d.ts';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { ignoreNotFound } from '../runtime/api.ts';
import { createController, ownKey } from '../runtime/controller.ts';
import { subjectOf } from '../runtime/events.ts';
import { type Key, keyOf, PODS, REPLICA_SETS, type Stored } from '../runtime/resources.ts';
import { matchesLabels } from '../runtime/selector.ts';
import {
  availableIn,
  type ControllerContext,
  claimPods,
  controllerKey,
  controllerOf,
  controllerReference,
  isPodActive,
  isPodReady,
  isSame,
  podFromTemplate,
  type Running,
} from './common.ts';

/** Which pods go first: not placed, not running, not ready, young. */
export function deletionOrder(pods: readonly Stored<Pod>[]): Stored<Pod>[] {
  const rank = (pod: Stored<Pod>) => [
    pod.spec?.nodeName ? 1 : 0,
    pod.status?.phase === 'Running' ? 1 : 0,
    isPodReady(pod) ? 1 : 0,
    -Date.parse(pod.metadata.creationTimestamp ?? ''),
  ];
  return [...pods].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    const index = left.findIndex((value, at) => value !== right[at]);
    return index < 0 ? 0 : (left[index] ?? 0) - (right[index] ?? 0);
  });
}

export function replicaSetStatus(
  set: Stored<ReplicaSet>,
  active: readonly Stored<Pod>[],
  now: number,
): ReplicaSetStatus {
  const labels = set.spec?.template?.metadata?.labels;
  const minReady = set.spec?.minReadySeconds ?? 0;
  const labelled = active.filter(({ metadata }) => matchesLabels(labels, metadata.labels)).length;
  const ready = active.filter(isPodReady).length;
  const available = active.filter((pod) => availableIn(pod, minReady, now) === 0).length;
  return {
    replicas: active.length,
    ...(labelled > 0 ? { fullyLabeledReplicas: labelled } : {}),
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    observedGeneration: set.metadata.generation ?? 0,
  };
}

export function startReplicaSets(context: ControllerContext): Running {
  const { api, caches, clock, log } = context;
  const sets = caches.of(REPLICA_SETS);
  const pods = caches.of(PODS);
  const events = context.events('replicaset-controller');

  const create = async (set: Stored<ReplicaSet>) => {
    const { namespace = '' } = set.metadata;
    const pod = podFromTemplate(set.spec?.template ?? {}, namespace, controllerReference(set, 'apps/v1', 'ReplicaSet'));
    const created = await api.create(PODS, namespace, pod);
    events.record(
      subjectOf(set, 'apps/v1', 'ReplicaSet'),
      'Normal',
      'SuccessfulCreate',
      `Created pod: ${created.metadata.name}`,
    );
  };
  const remove = async (set: Stored<ReplicaSet>, pod: Stored<Pod>) => {
    await ignoreNotFound(api.delete(PODS, keyOf(pod), { uid: pod.metadata.uid }));
    events.record(
      subjectOf(set, 'apps/v1', 'ReplicaSet'),
      'Normal',
      'SuccessfulDelete',
      `Deleted pod: ${pod.metadata.name}`,
    );
  };
  const reconcile = async (key: Key): Promise<number | undefined> => {
    const set = sets.get(key);
    if (!set) return undefined;
    const reference = controllerReference(set, 'apps/v1', 'ReplicaSet');
    const active = () =>
      pods.list(key.namespace).filter((pod) => controllerOf(pod)?.uid === set.metadata.uid && isPodActive(pod));
    if (set.metadata.deletionTimestamp === undefined) {
      await claimPods(api, pods, set, reference);
      const present = active();
      const missing = (set.spec?.replicas ?? 1) - present.length;
      await Promise.all(Array.from({ length: Math.max(0, missing) }, () => create(set)));
      await Promise.all(
        deletionOrder(present)
          .slice(0, Math.max(0, -missing))
          .map((pod) => remove(set, pod)),
      );
    }
    const now = clock.now();
    const after = active();
    const status = replicaSetStatus(set, after, now);
    if (!isSame(status, set.status))
      await ignoreNotFound(api.updateSubresource(REPLICA_SETS, { ...set, status }, 'status'));
    const waits = after.flatMap((pod) => availableIn(pod, set.spec?.minReadySeconds ?? 0, now) || []);
    return waits.length > 0 ? Math.min(...waits) : undefined;
  };

  const controller = createController('replica-sets', reconcile, log);
  controller.watch(sets, ownKey);
  controller.watch(pods, ({ object, previous }) => {
    const pod = object ?? previous;
    if (!pod) return [];
    const own = controllerKey(pod, 'ReplicaSet');
    if (own.length > 0 || controllerOf(pod)) return own;
    return sets
      .list(pod.metadata.namespace)
      .filter(({ spec }) => spec?.selector.matchLabels && matchesLabels(spec.selector.matchLabels, pod.metadata.labels))
      .map(keyOf);
  });
  return controller;
}
