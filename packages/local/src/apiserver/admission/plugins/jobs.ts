/** Jobs keep their pods when they are deleted, unless the client says otherwise: clients are told so. */
import { type AdmissionPlugin, isAbout } from '../plugin.ts';

const WARNING =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set ' +
  'propagationPolicy=Orphan to suppress this warning';

export const jobDeletion: AdmissionPlugin = {
  handles: (request) => request.operation === 'DELETE' && isAbout(request, 'batch', 'jobs'),
  validate({ options, context }) {
    if (options.propagationPolicy === undefined && options.orphanDependents === undefined) context.warn(WARNING);
  },
};
