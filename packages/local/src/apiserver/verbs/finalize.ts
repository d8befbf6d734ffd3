/** `namespaces/NAME/finalize`: the only way to change spec.finalizers, with which a Namespace waits for its content. */

import type { ApiObject, ResourceInfo, Subresource } from '../registry/types.ts';

const finalize: Subresource = {
  kind: 'Namespace',
  verbs: ['update'],
  verbatim: true,
  write(body, parent) {
    const finalizers = (body.spec as { finalizers?: string[] } | undefined)?.finalizers ?? [];
    const { finalizers: _before, ...spec } = (parent.spec ?? {}) as { finalizers?: string[] };
    const next: ApiObject = { ...parent, spec: finalizers.length === 0 ? spec : { ...spec, finalizers } };
    return next;
  },
};

/** Adds the subresource to the kind when it has no handler of its own. */
export function withFinalize(info: ResourceInfo): ResourceInfo {
  if (info.group !== '' || info.resource !== 'namespaces' || info.subresourceHandlers?.finalize !== undefined)
    return info;
  return { ...info, subresourceHandlers: { ...info.subresourceHandlers, finalize } };
}
