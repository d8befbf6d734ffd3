/** Binds pods to nodes as they come. One pod at a time, so that each decision sees the one before it. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { type Api, ignoreNotFound, messageOf } from '../runtime/api.ts';
import type { Caches } from '../runtime/cache.ts';
import { createRecorder, subjectOf } from '../runtime/events.ts';
import { createQueue } from '../runtime/queue.ts';
import {
  type Key,
  keyOf,
  keyString,
  NAMESPACES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  parseKey,
  STORAGE_CLASSES,
  type Stored,
} from '../runtime/resources.ts';
import { type Clock, timestamp } from '../runtime/time.ts';
import { decide } from './decide.ts';
import { type ClaimView, SELECTED_NODE, type Snapshot } from './snapshot.ts';

export interface SchedulerOptions {
  readonly api: Api;
  readonly caches: Caches;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

export interface Scheduler {
  stop(): Promise<void>;
}

export const SCHEDULER_NAME = 'default-scheduler';

export function claimNames(pod: Stored<Pod>): string[] {
  return (pod.spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName];
    return ephemeral ? [`${pod.metadata.name}-${name}`] : [];
  });
}

export function isOver(pod: Stored<Pod>): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

export function startScheduler({ api: base, caches, clock, log }: SchedulerOptions): Scheduler {
  const api = base.as('kube-scheduler');
  const events = createRecorder({ api, component: SCHEDULER_NAME, clock, log });
  const pods = caches.of(PODS);
  const nodes = caches.of(NODES);
  const namespaces = caches.of(NAMESPACES);
  const claims = caches.of(PERSISTENT_VOLUME_CLAIMS);
  const volumes = caches.of(PERSISTENT_VOLUMES);
  const classes = caches.of(STORAGE_CLASSES);
  /** Bound by us, not yet seen as bound. */
  const assumed = new Map<string, string>();
  /** Pods for which there was no node. */
  const waiting = new Set<string>();

  const claimView = (namespace: string, name: string): ClaimView | undefined => {
    const claim = claims.get({ namespace, name });
    if (!claim) return undefined;
    const volumeName = claim.status?.phase === 'Bound' ? claim.spec?.volumeName : undefined;
    const volume = volumeName === undefined ? undefined : volumes.get({ namespace: '', name: volumeName });
    const storageClass = classes.get({ namespace: '', name: claim.spec?.storageClassName ?? '' });
    return { claim, volume, storageClass };
  };
  const snapshotFor = (pod: Stored<Pod>): Snapshot => {
    const byNode = Map.groupBy(
      pods.list().filter((each) => !isOver(each)),
      (each) => each.spec?.nodeName ?? assumed.get(each.metadata.uid) ?? '',
    );
    const namespace = pod.metadata.namespace ?? '';
    return {
      nodes: nodes.list().map((node) => ({
        node,
        labels: node.metadata.labels ?? {},
        pods: byNode.get(node.metadata.name) ?? [],
      })),
      namespaces: new Map(namespaces.list().map((each) => [each.metadata.name, each])),
      claims: new Map(claimNames(pod).map((name) => [name, claimView(namespace, name)])),
    };
  };

  const reject = async (pod: Stored<Pod>, message: string) => {
    waiting.add(keyString(keyOf(pod)));
    const known = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (known?.message === message) return;
    events.record(subjectOf(pod, 'v1', 'Pod'), 'Warning', 'FailedScheduling', message);
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastTransitionTime: known?.lastTransitionTime ?? timestamp(clock.now()),
    };
    const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
    await ignoreNotFound(api.patch(PODS, keyOf(pod), { status: { conditions: [...others, condition] } }, 'status'));
  };

  /** Asks for the volumes that wait for a node; true when all are there. */
  const selectNode = async (snapshot: Snapshot, node: string): Promise<boolean> => {
    const open = [...snapshot.claims.values()].flatMap((view) => (view && !view.volume ? [view.claim] : []));
    await Promise.all(
      open
        .filter(({ metadata }) => metadata.annotations?.[SELECTED_NODE] !== node)
        .map((claim) =>
          api.patch(PERSISTENT_VOLUME_CLAIMS, keyOf(claim), { metadata: { annotations: { [SELECTED_NODE]: node } } }),
        ),
    );
    return open.length === 0;
  };

  const schedule = async (key: Key) => {
    const pod = pods.get(key);
    waiting.delete(keyString(key));
    if (!pod || !needsNode(pod) || assumed.has(pod.metadata.uid)) return;
    const snapshot = snapshotFor(pod);
    const decision = decide(pod, snapshot);
    if (decision.kind === 'none') return reject(pod, decision.message);
    if (!(await selectNode(snapshot, decision.node))) {
      waiting.add(keyString(key));
      return;
    }
    assumed.set(pod.metadata.uid, decision.node);
    try {
      await api.createSubresource(PODS, key, 'binding', {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: key.name, namespace: key.namespace, uid: pod.metadata.uid },
        target: { apiVersion: 'v1', kind: 'Node', name: decision.node },
      });
    } catch (error) {
      assumed.delete(pod.metadata.uid);
      throw error;
    }
    const message = `Successfully assigned ${key.namespace}/${key.name} to ${decision.node}`;
    events.record(subjectOf(pod, 'v1', 'Pod'), 'Normal', 'Scheduled', message);
  };

  const queue = createQueue({
    concurrency: 1,
    work: (key) => schedule(parseKey(key)),
    onError: (key, error) => log(`pod ${key} not scheduled, trying again: ${messageOf(error)}`),
  });
  const retryWaiting = () => {
    for (const key of waiting) queue.add(key);
  };
  pods.onChange(({ object, previous, key }) => {
    if (!object || object.spec?.nodeName) assumed.delete((object ?? previous)?.metadata.uid ?? '');
    if (object && needsNode(object)) {
      if (!previous || !waiting.has(keyString(key))) queue.add(keyString(key));
    } else {
      waiting.delete(keyString(key));
      if (!object || isOver(object) || !previous?.spec?.nodeName) retryWaiting();
    }
  });
  for (const cache of [nodes, claims, volumes, classes]) cache.onChange(retryWaiting);
  return { stop: () => queue.stop() };
}

function needsNode(pod: Stored<Pod>): boolean {
  if (pod.spec?.nodeName || pod.metadata.deletionTimestamp !== undefined || isOver(pod)) return false;
  return (pod.spec?.schedulerName ?? SCHEDULER_NAME) === SCHEDULER_NAME && !pod.spec?.schedulingGates?.length;
}
