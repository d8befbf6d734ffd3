/** Nothing is made in a namespace that is not there or that is going; some namespaces cannot go. */
import { record } from '../../kinds/columns/format.ts';
import type { Lookup } from '../../kinds/lookup.ts';
import { forbidden, notFound } from '../../registry/errors.ts';
import type { AdmissionRequest } from '../../registry/hooks.ts';
import { type AdmissionPlugin, isAbout } from '../plugin.ts';

const PERMANENT = new Set(['default', 'kube-system', 'kube-public']);
const NAMESPACES = { group: '', resource: 'namespaces' };

export function namespaceLifecycle(lookup: Lookup): AdmissionPlugin {
  return {
    handles: (request) => request.info.namespaced || isAbout(request, '', 'namespaces'),
    mutate(request) {
      const { operation, attributes, info } = request;
      if (isAbout(request, '', 'namespaces')) {
        if (operation === 'DELETE' && PERMANENT.has(attributes.name)) {
          throw forbidden(NAMESPACES, attributes.name, 'this namespace may not be deleted');
        }
        return;
      }
      if (!info.namespaced || operation === 'DELETE') return;
      const namespace = lookup.get('/namespaces', undefined, attributes.namespace);
      if (namespace === undefined) throw notFound(NAMESPACES, attributes.namespace);
      if (operation === 'CREATE' && attributes.subresource === '' && record(namespace.status).phase === 'Terminating') {
        throw terminating(request);
      }
    },
  };
}

function terminating({ info, attributes }: AdmissionRequest): Error {
  const { namespace, name } = attributes;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const message = `namespace ${namespace} is being terminated`;
  return forbidden(info, name, why, [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }]);
}
