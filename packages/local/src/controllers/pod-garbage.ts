/** Removes pods that nobody else will: of nodes that are gone, and those deleted before they got a node. */
import { ignoreNotFound } from '../runtime/api.ts';
import { createController } from '../runtime/controller.ts';
import { type Key, keyOf, NODES, PODS } from '../runtime/resources.ts';
import type { ControllerContext, Running } from './common.ts';

/** A node may only just be coming. */
const QUARANTINE_MS = 40_000;

export function startPodGarbage({ api, caches, clock, log }: ControllerContext): Running {
  const pods = caches.of(PODS);
  const nodes = caches.of(NODES);
  const missingSince = new Map<string, number>();

  const reconcile = async (key: Key): Promise<number | undefined> => {
    const pod = pods.get(key);
    if (!pod) return undefined;
    const { nodeName } = pod.spec ?? {};
    const remove = () => ignoreNotFound(api.delete(PODS, key, { uid: pod.metadata.uid, gracePeriodSeconds: 0 }));
    if (!nodeName) {
      if (pod.metadata.deletionTimestamp !== undefined) await remove();
      return undefined;
    }
    if (nodes.get({ namespace: '', name: nodeName })) {
      missingSince.delete(nodeName);
      return undefined;
    }
    const since = missingSince.get(nodeName) ?? clock.now();
    missingSince.set(nodeName, since);
    const left = since + QUARANTINE_MS - clock.now();
    if (left > 0) return left;
    await remove();
    return undefined;
  };
  const controller = createController('pod-garbage', reconcile, log);
  controller.watch(pods, ({ object, key }) =>
    object && (!object.spec?.nodeName || !nodes.get({ namespace: '', name: object.spec.nodeName })) ? [key] : [],
  );
  controller.watch(nodes, ({ object, key }) =>
    object
      ? []
      : pods
          .list()
          .filter(({ spec }) => spec?.nodeName === key.name)
          .map(keyOf),
  );
  return controller;
}
