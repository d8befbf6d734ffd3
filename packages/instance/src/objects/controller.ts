import { type Cluster, isReplicaCluster } from '@matriarch/api';
import {
  type Cache,
  createCache,
  createController,
  done,
  isNotFound,
  keyOf,
  parseKey,
  type ReconcileResult,
  requeue,
} from '@matriarch/kubernetes';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import { decideObject, type ObjectStep } from './decide.ts';
import type { SqlObject, SqlObjectKind } from './kind.ts';

const retryMs = 30_000;
const writeTimeoutMs = 10_000;

/** Watches the objects of one kind and brings those of this cluster into PostgreSQL, while this is its primary. */
export async function runObjects<T extends SqlObject>(
  instance: Instance,
  kind: SqlObjectKind<T>,
  signal: AbortSignal,
): Promise<void> {
  const cache = createCache(instance.client, kind.type, {
    namespace: instance.options.namespace,
    onError: (error) =>
      instance.logger.debug({ kind: kind.type.kind, error: errorText(error) }, 'A watch was interrupted'),
  });
  const controller = createController({
    name: kind.type.plural,
    reconcile: (key) => reconcileObject(instance, kind, cache, key),
    onError: (key, error) =>
      instance.logger.error(
        { kind: kind.type.kind, key, error: errorText(error) },
        'An object could not be reconciled',
      ),
  });
  cache.onChange((change) => controller.enqueue(keyOf(change.object)));
  // A promotion, or a new Secret, is the hour of objects that wait.
  const everything = () => {
    for (const object of cache.list()) controller.enqueue(keyOf(object));
  };
  const ends = [instance.cluster.onChange(everything), instance.lifecycle.onEvent(everything)];
  await Promise.all([cache.start(signal), controller.start(signal)]);
  for (const end of ends) end();
}

async function reconcileObject<T extends SqlObject>(
  instance: Instance,
  kind: SqlObjectKind<T>,
  cache: Cache<T>,
  key: string,
): Promise<ReconcileResult> {
  const { name, namespace } = parseKey(key);
  const object = cache.get(namespace, name);
  const cluster = instance.cluster.current();
  if (object === undefined || cluster === undefined) return done;
  const step = await nextStep(instance, kind, cache, cluster, object);
  switch (step.kind) {
    case 'ignore':
    // A change of the Cluster or of PostgreSQL brings it up again.
    case 'wait':
      return done;
    case 'awaitPrimaryCluster':
      return report(instance, kind, cache, object, {
        applied: null,
        message: 'waiting for the cluster to become primary',
      });
    case 'reject':
      return report(instance, kind, cache, object, {
        applied: false,
        message: `"${object.spec.name}" is already managed by object "${step.rival}"`,
      });
    case 'addFinalizer':
      await setFinalizers(instance, kind, cache, object, [...(object.metadata.finalizers ?? []), kind.finalizer]);
      return requeue(0, 'the finalizer was added');
    case 'release':
      if (step.drop) await kind.drop(instance, object);
      await setFinalizers(
        instance,
        kind,
        cache,
        object,
        (object.metadata.finalizers ?? []).filter((entry) => entry !== kind.finalizer),
      );
      return done;
    case 'apply':
      return applyObject(instance, kind, cache, cluster, object);
  }
}

async function nextStep<T extends SqlObject>(
  instance: Instance,
  kind: SqlObjectKind<T>,
  cache: Cache<T>,
  cluster: Cluster,
  object: T,
): Promise<ObjectStep> {
  const { podName, clusterName } = instance.options;
  const { currentPrimary, targetPrimary } = cluster.status ?? {};
  const acting = currentPrimary === podName && targetPrimary === podName && instance.lifecycle.state === 'running';
  const view = {
    cluster: object.spec.cluster.name ?? '',
    deleting: object.metadata.deletionTimestamp !== undefined,
    generation: object.metadata.generation ?? 0,
    observedGeneration: object.status?.observedGeneration ?? 0,
    applied: object.status?.applied === true,
    hasFinalizer: object.metadata.finalizers?.includes(kind.finalizer) === true,
    reclaim: kind.reclaim(object),
    rival: rivalOf(kind, cache, object),
    stale: acting && kind.isStale !== undefined ? await kind.isStale(instance, object) : false,
  };
  return decideObject(view, { cluster: clusterName, acting, replicaCluster: isReplicaCluster(cluster) });
}

/** The object that was there first, or that PostgreSQL has obeyed already. */
function rivalOf<T extends SqlObject>(kind: SqlObjectKind<T>, cache: Cache<T>, object: T): string | undefined {
  if (object.status?.applied === true) return undefined;
  const rival = cache
    .list(object.metadata.namespace)
    .find(
      (other) =>
        other.metadata.uid !== object.metadata.uid &&
        other.spec.cluster.name === object.spec.cluster.name &&
        kind.identity(other) === kind.identity(object) &&
        (other.status?.observedGeneration ?? 0) > 0,
    );
  return rival?.metadata.name;
}

async function applyObject<T extends SqlObject>(
  instance: Instance,
  kind: SqlObjectKind<T>,
  cache: Cache<T>,
  cluster: Cluster,
  object: T,
): Promise<ReconcileResult> {
  try {
    const { status, problem } = await kind.apply(instance, cluster, object);
    const generation = object.metadata.generation ?? 0;
    if (problem !== undefined) {
      return report(instance, kind, cache, object, {
        ...status,
        applied: false,
        message: problem,
        observedGeneration: generation,
      });
    }
    await patchStatus(instance, kind, cache, object, {
      ...status,
      applied: true,
      message: null,
      observedGeneration: generation,
    });
    return done;
  } catch (error) {
    return report(instance, kind, cache, object, { applied: false, message: errorText(error) });
  }
}

/** Writes a status that is not the wanted one yet, and comes back later. */
async function report<T extends SqlObject>(
  instance: Instance,
  kind: SqlObjectKind<T>,
  cache: Cache<T>,
  object: T,
  status: { readonly applied: boolean | null; readonly message: string; readonly observedGeneration?: number },
): Promise<ReconcileResult> {
  await patchStatus(instance, kind, cache, object, status);
  return requeue(retryMs, status.message);
}

async function patchStatus<T extends SqlObject>(
  instance: Instance,
  kind: SqlObjectKind<T>,
  cache: Cache<T>,
  object: T,
  status: object,
): Promise<void> {
  const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' };
  const options = { subresource: 'status', signal: AbortSignal.timeout(writeTimeoutMs) };
  cache.observe(await instance.client.patch(kind.type, key, { type: 'merge', body: { status } }, options));
}

async function setFinalizers<T extends SqlObject>(
  instance: Instance,
  kind: SqlObjectKind<T>,
  cache: Cache<T>,
  object: T,
  finalizers: readonly string[],
): Promise<void> {
  const replaced = { ...object, metadata: { ...object.metadata, finalizers: [...finalizers] } };
  try {
    cache.observe(await instance.client.replace(kind.type, replaced, { signal: AbortSignal.timeout(writeTimeoutMs) }));
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
