/** `pods/binding`: puts a pod on a node. */
import { ApiError, conflict, notFound } from '../../registry/errors.ts';
import type { ApiObject, JsonObject, Subresource, SubresourceCreate } from '../../registry/types.ts';
import { StoreConflict } from '../../storage/store.ts';
import { type Core, keyOf, timestamp } from '../../verbs/core.ts';
import { record, records, text } from '../columns/format.ts';
import { typeSchema } from '../schema/typeschema.ts';

const PODS = '/pods';

/** The answer of subresources that make nothing of their own. */
export const SUCCESS: ApiObject = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

export function bindingSubresource(core: Pick<Core, 'store' | 'now'>): Subresource {
  return {
    kind: 'Binding',
    verbs: ['create'],
    get schema() {
      return typeSchema('core/v1.Binding');
    },
    create: (request) => Promise.resolve(bind(core, request)),
  };
}

function bind(
  { store, now }: Pick<Core, 'store' | 'now'>,
  { namespace, name, body, context }: SubresourceCreate,
): ApiObject {
  const target = record(body.target);
  const node = text(target.name);
  if (node === '') throw new ApiError(500, undefined, 'target.name: Required value');
  const key = keyOf(namespace, name);
  const entry = store.get(PODS, key);
  if (entry === undefined) throw notFound({ group: '', resource: 'pods' }, name);
  const pod = entry.copy();
  const spec = record(pod.spec);
  const refuse = (why: string): ApiError => conflict('', 'pods/binding', name, why);
  if (pod.metadata.deletionTimestamp !== undefined)
    throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (text(spec.nodeName) !== '')
    throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`);
  spec.nodeName = node;
  pod.metadata.annotations = { ...pod.metadata.annotations, ...body.metadata.annotations };
  if (Object.keys(pod.metadata.annotations).length === 0) delete pod.metadata.annotations;
  pod.status = scheduled(record(pod.status), timestamp(now()));
  if (context.dryRun) return SUCCESS;
  try {
    store.put(PODS, key, pod, entry.version);
  } catch (error) {
    if (error instanceof StoreConflict) throw refuse('the pod was changed at the same time');
    throw error;
  }
  return SUCCESS;
}

function scheduled(status: JsonObject, time: string): JsonObject {
  const others = records(status.conditions).filter((condition) => condition.type !== 'PodScheduled');
  const condition = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: time };
  return { ...status, conditions: [...others, condition] };
}
