import { type Cluster, labels, roles, serverCASecretName } from '@matriarch/api';
import {
  type Controller,
  createController,
  done,
  isControlledBy,
  type KubernetesObject,
  keyOf,
  parseKey,
  type ReconcileResult,
} from '@matriarch/kubernetes';
import type { KindName } from '../kinds.ts';
import { sendManager } from '../manager/send.ts';
import { createManagerUpdates, type ManagerUpdates } from '../manager/updates.ts';
import type { Operator } from '../runtime/context.ts';
import { outcomes } from '../runtime/outcomes.ts';
import type { ManagerSender } from './act/context.ts';
import { execute } from './act/index.ts';
import { cleanUp } from './cleanup.ts';
import { decide } from './decide/index.ts';
import { observe } from './observe/index.ts';
import { watchClusters } from './watches.ts';

export interface ClusterController {
  start(signal: AbortSignal): Promise<void>;
}

/** Keeps every Cluster as it is described: observe, decide, act, whenever anything about it changes. */
export function createClusterController(operator: Operator, options: { workers: number }): ClusterController {
  const rollouts = new Map<string, number>();
  const updates = createManagerUpdates(operator.now, (key) => controller.enqueue(key));
  const controller: Controller = createController({
    ...outcomes('cluster', operator),
    workers: options.workers,
    reconcile: (key, signal) => reconcile({ operator, rollouts, updates }, key, signal),
  });
  return {
    start(signal) {
      watchClusters(operator, (key) => controller.enqueue(key));
      for (const cluster of operator.caches.clusters.list()) controller.enqueue(keyOf(cluster));
      operator.instances.onChange((key) => controller.enqueue(key));
      return controller.start(signal);
    },
  };
}

interface Parts {
  operator: Operator;
  /** When the last rollout of each cluster was started. */
  rollouts: Map<string, number>;
  updates: ManagerUpdates;
}

async function reconcile(
  { operator, rollouts, updates }: Parts,
  key: string,
  signal: AbortSignal,
): Promise<ReconcileResult> {
  const { name, namespace } = parseKey(key);
  const cluster = operator.caches.clusters.get(namespace, name);
  if (!cluster || cluster.metadata.deletionTimestamp) {
    operator.instances.forget(key);
    rollouts.delete(key);
    updates.forget(key);
    await cleanUp(operator, name, namespace ?? '');
    return done;
  }
  followInstances(operator, cluster);
  const latest = [...rollouts].filter(([other]) => other !== key).map(([, at]) => at);
  const snapshot = await observe({
    operator,
    cluster,
    observations: operator.instances.observe(key),
    rollouts: { thisCluster: rollouts.get(key), anyCluster: latest.length > 0 ? Math.max(...latest) : undefined },
    update: updates.state(key),
  });
  const plan = decide(snapshot);
  const log = operator.log.child({ controller: 'cluster', namespace, name });
  log.debug({ actions: plan.actions.map(({ kind }) => kind), result: plan.result }, 'Decided');
  const wrote = (resource: KindName, object: KubernetesObject) => observeWrite(operator, resource, object);
  const { client, config, events, now } = operator;
  const recordRollout = () => void rollouts.set(key, now());
  const managers = managerSender(operator, updates, key);
  await execute({ client, cluster, config, events, log, now, wrote, recordRollout, managers, signal }, plan.actions);
  return plan.result;
}

function managerSender(operator: Operator, updates: ManagerUpdates, key: string): ManagerSender | undefined {
  const { program, instances, identity } = operator;
  if (program === undefined) return undefined;
  return {
    hash: program.hash,
    begin(instance, ended) {
      const target = instances.target(key, instance);
      if (target === undefined) return;
      updates.begin(key, instance, (signal) => sendManager(program.folder, target, identity, signal), ended);
    },
  };
}

function followInstances({ caches, instances }: Operator, cluster: Cluster): void {
  const { namespace } = cluster.metadata;
  const pods = caches.pods
    .list(namespace)
    .filter((pod) => isControlledBy(pod, cluster) && pod.metadata?.labels?.[labels.podRole] === roles.pod.instance);
  const ca = caches.secrets.get(namespace, serverCASecretName(cluster))?.data?.['ca.crt'];
  instances.follow(keyOf(cluster), pods, ca ? Buffer.from(ca, 'base64').toString('utf8') : undefined);
}

/** What we wrote is seen by the next pass even if the watch is late. */
function observeWrite({ caches }: Operator, resource: KindName, object: KubernetesObject): void {
  if (!(resource in caches)) return;
  const cache = caches[resource as keyof typeof caches];
  (cache.observe as (written: KubernetesObject) => void)(object);
}
