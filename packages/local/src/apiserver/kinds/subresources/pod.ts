/** `pods/ephemeralcontainers`: containers for debugging, which only this subresource may add. */
import type { Subresource } from '../../registry/types.ts';
import { record } from '../columns/format.ts';
import { typeSchema } from '../schema/typeschema.ts';

export const ephemeralContainers: Subresource = {
  kind: 'Pod',
  verbs: ['get', 'patch', 'update'],
  verbatim: true,
  get schema() {
    return typeSchema('core/v1.Pod');
  },
  read: (pod) => pod,
  write(body, pod) {
    const next = structuredClone(pod);
    const { ephemeralContainers: wanted } = record(body.spec);
    const spec = record(next.spec);
    if (wanted === undefined) delete spec.ephemeralContainers;
    else spec.ephemeralContainers = wanted;
    if (body.metadata.resourceVersion !== undefined) next.metadata.resourceVersion = body.metadata.resourceVersion;
    return next;
  },
};
