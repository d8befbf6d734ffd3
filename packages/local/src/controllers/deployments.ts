/** Runs Deployments by making and scaling ReplicaSets. */
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts';
import { ignoreNotFound, isAlreadyExists } from '../runtime/api.ts';
import { createController, ownKey } from '../runtime/controller.ts';
import { subjectOf } from '../runtime/events.ts';
import { DEPLOYMENTS, type Key, keyOf, PODS, REPLICA_SETS, type Stored } from '../runtime/resources.ts';
import {
  type ControllerContext,
  controllerKey,
  controllerOf,
  controllerReference,
  isControlledBy,
  isSame,
  type Running,
} from './common.ts';
import {
  boundsOf,
  DESIRED,
  deploymentStatus,
  HASH_LABEL,
  hasTemplate,
  isComplete,
  MAXIMUM,
  nextScales,
  REVISION,
  revisionOf,
  templateHash,
} from './deployment-decide.ts';

/** Annotations of the Deployment that its ReplicaSets do not take over. */
const OWN_ANNOTATIONS = new Set(['kubectl.kubernetes.io/last-applied-configuration', REVISION, DESIRED, MAXIMUM]);

export function startDeployments(context: ControllerContext): Running {
  const { api, caches, clock, log } = context;
  const deployments = caches.of(DEPLOYMENTS);
  const sets = caches.of(REPLICA_SETS);
  const pods = caches.of(PODS);
  const events = context.events('deployment-controller');

  const tell = (deployment: Stored<Deployment>, set: Stored<ReplicaSet>, from: number, to: number) => {
    const verb = to > from ? 'Scaled up' : 'Scaled down';
    const message = `${verb} replica set ${set.metadata.name} from ${from} to ${to}`;
    events.record(subjectOf(deployment, 'apps/v1', 'Deployment'), 'Normal', 'ScalingReplicaSet', message);
  };
  const annotationsFor = (deployment: Stored<Deployment>, revision: number): Record<string, string> => {
    const { replicas, surge } = boundsOf(deployment);
    const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !OWN_ANNOTATIONS.has(name));
    return {
      ...Object.fromEntries(copied),
      [DESIRED]: String(replicas),
      [MAXIMUM]: String(replicas + surge),
      [REVISION]: String(revision),
    };
  };
  const createSet = async (
    deployment: Stored<Deployment>,
    replicas: number,
    revision: number,
  ): Promise<Stored<ReplicaSet> | undefined> => {
    const { name, namespace = '' } = deployment.metadata;
    const template = deployment.spec?.template ?? {};
    const hash = templateHash(template, deployment.status?.collisionCount ?? 0);
    const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
    const { selector, minReadySeconds } = deployment.spec ?? {};
    try {
      const set = await api.create(REPLICA_SETS, namespace, {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: {
          name: `${name}-${hash}`,
          namespace,
          labels,
          annotations: annotationsFor(deployment, revision),
          ownerReferences: [controllerReference(deployment, 'apps/v1', 'Deployment')],
        },
        spec: {
          replicas,
          ...(minReadySeconds ? { minReadySeconds } : {}),
          selector: { ...selector, matchLabels: { ...selector?.matchLabels, [HASH_LABEL]: hash } },
          template: { ...template, metadata: { ...template.metadata, labels } },
        },
      });
      if (replicas > 0) tell(deployment, set, 0, replicas);
      return set;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const status = { ...deployment.status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 };
      await api.updateSubresource(DEPLOYMENTS, { ...deployment, status }, 'status');
      return undefined;
    }
  };

  /** The set of the present template, made or brought up to date. */
  const newestSet = async (
    deployment: Stored<Deployment>,
    owned: readonly Stored<ReplicaSet>[],
  ): Promise<Stored<ReplicaSet> | undefined> => {
    const found = owned.find((set) => hasTemplate(set, deployment));
    const others = owned.filter((set) => set !== found);
    const revision = Math.max(0, ...others.map(revisionOf)) + 1;
    if (!found) {
      if (deployment.spec?.paused) return undefined;
      const { replicas, surge } = boundsOf(deployment);
      const total = others.reduce((sum, set) => sum + (set.spec?.replicas ?? 0), 0);
      const recreate = deployment.spec?.strategy?.type === 'Recreate' && total > 0;
      return createSet(deployment, recreate ? 0 : Math.max(0, Math.min(replicas, replicas + surge - total)), revision);
    }
    const own = Math.max(revisionOf(found), revision);
    const annotations = { ...found.metadata.annotations, ...annotationsFor(deployment, own) };
    if (isSame(annotations, found.metadata.annotations)) return found;
    return api.update(REPLICA_SETS, { ...found, metadata: { ...found.metadata, annotations } });
  };
  const scale = async (deployment: Stored<Deployment>, set: Stored<ReplicaSet>, replicas: number) => {
    const annotations = { ...set.metadata.annotations, ...annotationsFor(deployment, revisionOf(set)) };
    await api.update(REPLICA_SETS, {
      ...set,
      metadata: { ...set.metadata, annotations },
      spec: { selector: {}, ...set.spec, replicas },
    });
    tell(deployment, set, set.spec?.replicas ?? 0, replicas);
  };
  const dropHistory = async (deployment: Stored<Deployment>, old: readonly Stored<ReplicaSet>[]) => {
    const idle = old.filter(
      (set) => !set.spec?.replicas && !set.status?.replicas && set.metadata.deletionTimestamp === undefined,
    );
    const oldestFirst = [...idle].sort((a, b) => revisionOf(a) - revisionOf(b));
    const extra = Math.max(0, idle.length - (deployment.spec?.revisionHistoryLimit ?? 10));
    for (const set of oldestFirst.slice(0, extra))
      await ignoreNotFound(api.delete(REPLICA_SETS, keyOf(set), { uid: set.metadata.uid }));
  };
  const oldPodsLeft = (namespace: string, old: readonly Stored<ReplicaSet>[]): number => {
    const uids = new Set(old.map(({ metadata }) => metadata.uid));
    return pods.list(namespace).filter((pod) => uids.has(controllerOf(pod)?.uid ?? '')).length;
  };

  const reconcile = async (key: Key): Promise<number | undefined> => {
    const deployment = deployments.get(key);
    if (!deployment) return undefined;
    const ownedSets = () => sets.list(key.namespace).filter((set) => isControlledBy(set, deployment));
    const deleted = deployment.metadata.deletionTimestamp !== undefined;
    const newest = deleted
      ? ownedSets().find((set) => hasTemplate(set, deployment))
      : await newestSet(deployment, ownedSets());
    const old = () => ownedSets().filter(({ metadata }) => metadata.uid !== newest?.metadata.uid);
    if (!deleted) {
      for (const { set, replicas } of nextScales(deployment, newest, old(), oldPodsLeft(key.namespace, old()))) {
        await scale(deployment, set, replicas);
      }
    }
    const current = newest && (sets.get(keyOf(newest)) ?? newest);
    await writeStatus(deployment, current, old());
    if (isComplete({ deployment, newest: current, old: old() })) await dropHistory(deployment, old());
    return undefined;
  };
  const writeStatus = async (
    deployment: Stored<Deployment>,
    newest: Stored<ReplicaSet> | undefined,
    old: readonly Stored<ReplicaSet>[],
  ) => {
    const live = deployments.get(keyOf(deployment));
    if (live?.metadata.uid !== deployment.metadata.uid) return;
    const status = deploymentStatus({ deployment: live, newest, old, now: clock.now() });
    const revision = newest?.metadata.annotations?.[REVISION];
    const annotations =
      revision === undefined ? live.metadata.annotations : { ...live.metadata.annotations, [REVISION]: revision };
    if (isSame(status, live.status) && isSame(annotations, live.metadata.annotations)) return;
    const metadata = annotations === undefined ? live.metadata : { ...live.metadata, annotations };
    await ignoreNotFound(api.updateSubresource(DEPLOYMENTS, { ...live, metadata, status }, 'status'));
  };

  const controller = createController('deployments', reconcile, log);
  controller.watch(deployments, ownKey);
  controller.watch(sets, ({ object, previous }) => {
    const set = object ?? previous;
    return set ? controllerKey(set, 'Deployment') : [];
  });
  // With Recreate the new pods wait for the last old one to be gone.
  controller.watch(pods, ({ object, previous }) => {
    const owner = object ? undefined : previous && controllerKey(previous, 'ReplicaSet')[0];
    const set = owner && sets.get(owner);
    return set ? controllerKey(set, 'Deployment') : [];
  });
  return controller;
}
