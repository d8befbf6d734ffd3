import { annotations, defaultMonitoringName, finalizers } from '@matriarch/api';
import { isNotFound, type KubernetesObject, type ResourceType } from '@matriarch/kubernetes';
import { kinds } from '../kinds.ts';
import type { Operator } from '../runtime/context.ts';

/** An object that describes something inside the databases of a cluster. */
interface Dependent extends KubernetesObject {
  spec?: { cluster?: { name?: string } };
  status?: { message?: string };
}

const message = 'cluster resource has been deleted, skipping reconciliation';
const ours: readonly string[] = Object.values(finalizers);

/** What a deleted cluster leaves behind that does not go by itself. */
export async function cleanUp(operator: Operator, name: string, namespace: string): Promise<void> {
  const types = [kinds.databases, kinds.publications, kinds.subscriptions, kinds.databaseRoles];
  for (const type of types) await release(operator, type as ResourceType<Dependent>, name, namespace);
  await removeQueries(operator, namespace);
}

/** Nobody can act on them any more: they say so, and nothing holds their deletion back. */
async function release(
  { client }: Operator,
  type: ResourceType<Dependent>,
  cluster: string,
  namespace: string,
): Promise<void> {
  const { items } = await client.list(type, { namespace });
  for (const { metadata, spec, status } of items) {
    if (spec?.cluster?.name !== cluster || !metadata?.name) continue;
    const key = { name: metadata.name, namespace };
    if (status?.message !== message) {
      const body = { status: { applied: false, message, observedGeneration: 0 } };
      await ignoreMissing(client.patch(type, key, { type: 'merge', body }, { subresource: 'status' }));
    }
    const held = metadata.finalizers ?? [];
    const kept = held.filter((finalizer) => !ours.includes(finalizer));
    if (kept.length === held.length) continue;
    await ignoreMissing(client.patch(type, key, { type: 'merge', body: { metadata: { finalizers: kept } } }));
  }
}

/** The copy of the default queries goes with the last cluster of the namespace that uses it. */
async function removeQueries({ client, caches, config }: Operator, namespace: string): Promise<void> {
  const copy = caches.configMaps.get(namespace, defaultMonitoringName);
  const isOurs = copy?.metadata?.annotations?.[annotations.operatorVersion] !== undefined;
  const inUse = caches.clusters
    .list(namespace)
    .some(({ metadata, spec }) => !metadata.deletionTimestamp && !spec.monitoring?.disableDefaultQueries);
  if (!isOurs || inUse || namespace === config.operatorNamespace) return;
  await ignoreMissing(client.delete(kinds.configMaps, { name: defaultMonitoringName, namespace }));
}

async function ignoreMissing(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
