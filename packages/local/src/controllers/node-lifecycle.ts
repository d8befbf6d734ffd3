/** Notices nodes that fell silent: their state is unknown, their pods count as not ready, and are deleted after a while. */
import type { Node, NodeCondition, Pod, Taint } from 'kubernetes-types/core/v1.d.ts';
import { LEASE_NAMESPACE, LEASE_SECONDS } from '../node/node-object.ts';
import { ignoreNotFound } from '../runtime/api.ts';
import { createController, ownKey } from '../runtime/controller.ts';
import { type Key, keyOf, LEASES, NODES, PODS, type Stored } from '../runtime/resources.ts';
import { timestamp } from '../runtime/time.ts';
import { type ControllerContext, isPodReady, isSame, type Running } from './common.ts';

export type NodeHealth = 'ready' | 'not-ready' | 'unreachable';

const UNREACHABLE = 'node.kubernetes.io/unreachable';
const NOT_READY = 'node.kubernetes.io/not-ready';
const EXCLUDED = new Set([UNREACHABLE, NOT_READY]);

export function healthOf(node: Stored<Node>): NodeHealth {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return 'ready';
  return ready?.status === 'Unknown' ? 'unreachable' : 'not-ready';
}

/** The taints a node of this health has; the times of those that stay are kept. */
export function taintsFor(node: Stored<Node>, health: NodeHealth, now: number): Taint[] {
  const known = node.spec?.taints ?? [];
  const others = known.filter(({ key }) => !EXCLUDED.has(key));
  if (health === 'ready') return others;
  const key = health === 'unreachable' ? UNREACHABLE : NOT_READY;
  const own = (['NoSchedule', 'NoExecute'] as const).map((effect) => {
    const before = known.find((taint) => taint.key === key && taint.effect === effect);
    return before ?? { key, effect, timeAdded: timestamp(now) };
  });
  return [...others, ...own];
}

/** When the pod has to leave because of the taint; undefined: never. */
export function evictionTime(pod: Stored<Pod>, taint: Taint): number | undefined {
  const matching = (pod.spec?.tolerations ?? []).filter(
    ({ key, effect, operator, value }) =>
      (key === undefined || key === '' || key === taint.key) &&
      (!effect || effect === taint.effect) &&
      (operator === 'Exists' || (value ?? '') === (taint.value ?? '')),
  );
  const since = Date.parse(taint.timeAdded ?? '');
  if (matching.length === 0) return since;
  const seconds = matching.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
  return seconds.length < matching.length && seconds.length === 0 ? undefined : since + Math.min(...seconds) * 1000;
}

function unknownConditions(node: Stored<Node>, now: string): NodeCondition[] {
  return (node.status?.conditions ?? []).map((condition) => ({
    ...condition,
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastTransitionTime: condition.status === 'Unknown' ? (condition.lastTransitionTime ?? now) : now,
  }));
}

export function startNodeLifecycle(context: ControllerContext): Running {
  const { api, caches, clock, log } = context;
  const nodes = caches.of(NODES);
  const leases = caches.of(LEASES);
  const pods = caches.of(PODS);

  const onNode = (name: string) => pods.list().filter(({ spec }) => spec?.nodeName === name);
  const markUnready = async (pod: Stored<Pod>) => {
    const conditions = (pod.status?.conditions ?? []).map((condition) =>
      condition.type === 'Ready'
        ? { ...condition, status: 'False', reason: 'NodeNotReady', lastTransitionTime: timestamp(clock.now()) }
        : condition,
    );
    await ignoreNotFound(api.patch(PODS, keyOf(pod), { status: { conditions } }, 'status'));
  };
  /** Deletes the pods whose time is over; the milliseconds until the next one's. */
  const evict = async (name: string, taints: readonly Taint[]): Promise<number | undefined> => {
    const now = clock.now();
    const waits: number[] = [];
    for (const pod of onNode(name)) {
      if (pod.metadata.deletionTimestamp !== undefined) continue;
      const times = taints
        .filter(({ effect }) => effect === 'NoExecute')
        .flatMap((taint) => evictionTime(pod, taint) ?? []);
      if (times.length === 0) continue;
      const left = Math.min(...times) - now;
      if (left > 0) waits.push(left);
      else await ignoreNotFound(api.delete(PODS, keyOf(pod), { uid: pod.metadata.uid }));
    }
    return waits.length > 0 ? Math.min(...waits) : undefined;
  };

  const reconcile = async (key: Key): Promise<number | undefined> => {
    const node = nodes.get(key);
    if (!node) return undefined;
    const lease = leases.get({ namespace: LEASE_NAMESPACE, name: key.name });
    const renewed = lease?.spec?.renewTime;
    const now = clock.now();
    const left = renewed === undefined ? undefined : Date.parse(renewed) + LEASE_SECONDS * 1000 - now;
    let current = node;
    if (left !== undefined && left <= 0 && healthOf(node) !== 'unreachable') {
      const conditions = unknownConditions(node, timestamp(now));
      current = await api.patch(NODES, key, { status: { conditions } }, 'status');
    }
    const health = healthOf(current);
    const taints = taintsFor(current, health, now);
    if (!isSame(taints, current.spec?.taints ?? [])) {
      await api.patch(NODES, key, { spec: { taints: taints.length > 0 ? taints : null } });
    }
    if (health !== 'ready') for (const pod of onNode(key.name)) if (isPodReady(pod)) await markUnready(pod);
    const waits = [left !== undefined && left > 0 ? left + 1 : undefined, await evict(key.name, taints)].flatMap(
      (wait) => wait ?? [],
    );
    return waits.length > 0 ? Math.min(...waits) : undefined;
  };
  const controller = createController('node-lifecycle', reconcile, log);
  controller.watch(nodes, ownKey);
  controller.watch(leases, ({ key, previous }) =>
    key.namespace === LEASE_NAMESPACE && !previous ? [{ namespace: '', name: key.name }] : [],
  );
  return controller;
}
