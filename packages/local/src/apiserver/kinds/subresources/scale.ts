/** `scale` of kinds that make pods: how many, and which. */
import type { ApiObject, JsonObject, Subresource } from '../../registry/types.ts';
import { number, record, selector } from '../columns/format.ts';
import { typeSchema } from '../schema/typeschema.ts';

export const scaleSubresource: Subresource = {
  kind: 'Scale',
  group: 'autoscaling',
  version: 'v1',
  verbs: ['get', 'patch', 'update'],
  get schema() {
    return typeSchema('autoscaling/v1.Scale');
  },
  read: shown,
  write(body, parent) {
    const next = structuredClone(parent);
    record(next.spec).replicas = number(record(body.spec).replicas);
    if (body.metadata.resourceVersion !== undefined) next.metadata.resourceVersion = body.metadata.resourceVersion;
    return next;
  },
};

function shown({ metadata, spec, status }: ApiObject): ApiObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const replicas = number(record(spec).replicas);
  const pods = record(spec).selector;
  // An old kind holds plain labels where the others hold a selector.
  const plain = typeof Object.values(record(pods))[0] === 'string';
  const text = pods === undefined ? undefined : selector(plain ? { matchLabels: pods } : pods);
  const scale: JsonObject = {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: JSON.parse(JSON.stringify({ name, namespace, uid, resourceVersion, creationTimestamp })) as JsonObject,
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: number(record(status).replicas), ...(text === undefined ? {} : { selector: text }) },
  };
  return scale as unknown as ApiObject;
}
