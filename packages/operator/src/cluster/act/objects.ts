import {
  isAlreadyExists,
  isConflict,
  isControlledBy,
  isNotFound,
  type KubernetesObject,
  type ResourceType,
} from '@matriarch/kubernetes';
import { type KindName, kinds } from '../../kinds.ts';
import type { Action } from '../actions.ts';
import type { ActContext } from './context.ts';

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>;

const typeOf = (resource: KindName): ResourceType<KubernetesObject> =>
  kinds[resource] as ResourceType<KubernetesObject>;

export const act = {
  async patchStatus(context: ActContext, { patch }: Of<'patchStatus'>): Promise<void> {
    const { name, namespace, resourceVersion } = context.cluster.metadata;
    // With the version we decided on: somebody else's newer status must not be overwritten.
    const body = { metadata: { resourceVersion }, status: patch };
    const options = { subresource: 'status', signal: context.signal };
    context.wrote(
      'clusters',
      await context.client.patch(kinds.clusters, { name, namespace }, { type: 'merge', body }, options),
    );
  },

  async patchCluster(context: ActContext, { body }: Of<'patchCluster'>): Promise<void> {
    const { name, namespace } = context.cluster.metadata;
    context.wrote('clusters', await context.client.patch(kinds.clusters, { name, namespace }, { type: 'merge', body }));
  },

  async create(context: ActContext, { resource, object }: Of<'create'>): Promise<void> {
    context.log.debug({ resource, name: object.metadata?.name }, 'Creating object');
    try {
      context.wrote(resource, await context.client.create(typeOf(resource), object, { signal: context.signal }));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      await adopt(context, resource, object, error);
    }
  },

  async patch(context: ActContext, { resource, name, body }: Of<'patch'>): Promise<void> {
    const { namespace } = context.cluster.metadata;
    try {
      context.wrote(
        resource,
        await context.client.patch(typeOf(resource), { name, namespace }, { type: 'merge', body }),
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  },

  async delete(context: ActContext, { resource, name, uid, now }: Of<'delete'>): Promise<void> {
    const { namespace } = context.cluster.metadata;
    context.log.info({ resource, name }, 'Deleting object');
    try {
      await context.client.delete(
        typeOf(resource),
        { name, namespace },
        {
          propagationPolicy: 'Background',
          ...(uid ? { preconditions: { uid } } : {}),
          ...(now ? { gracePeriodSeconds: 0 } : {}),
        },
      );
      // A pod that ends may take its time; the next pass must not delete it, and say so, once more.
      if (resource === 'pods') context.wrote(resource, await context.client.get(typeOf(resource), { name, namespace }));
    } catch (error) {
      // Gone already, or another object took the name.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  },

  async event(context: ActContext, { type, reason, message }: Of<'event'>): Promise<void> {
    context.log.info({ type, reason, eventMessage: message }, 'Event');
    context.events.event(context.cluster, type, reason, message);
  },

  async log(context: ActContext, { message, fields }: Of<'log'>): Promise<void> {
    context.log.info(fields, message);
  },

  async recordRollout(context: ActContext, { instance, reason }: Of<'recordRollout'>): Promise<void> {
    context.log.info({ instance, reason }, 'Rolling out instance');
    context.recordRollout();
  },
} as const;

/** An object of that name is there: fine if it is ours, made by an earlier try. */
async function adopt(
  context: ActContext,
  resource: KindName,
  object: KubernetesObject,
  refusal: unknown,
): Promise<void> {
  const { namespace } = context.cluster.metadata;
  const name = object.metadata?.name ?? '';
  const existing = await context.client.get(typeOf(resource), { name, namespace }, { signal: context.signal });
  const shared = (object.metadata?.ownerReferences ?? []).length === 0;
  if (!shared && resource !== 'roleBindings' && !isControlledBy(existing, context.cluster)) {
    const message = `${typeOf(resource).kind} ${name} exists and does not belong to this cluster; delete it or rename the cluster`;
    throw new Error(message, { cause: refusal });
  }
  context.wrote(resource, existing);
}
