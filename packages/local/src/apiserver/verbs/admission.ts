/** Calls of the admission hook with what it needs to know of the request. */

import type { AdmissionRequest } from '../registry/hooks.ts';
import type { ApiObject } from '../registry/types.ts';
import type { Core, Target, WriteOptions } from './core.ts';

interface Change {
  operation: AdmissionRequest['operation'];
  verb: string;
  object: ApiObject | undefined;
  old: ApiObject | undefined;
}

export function admissionRequest(target: Target, write: WriteOptions, change: Change): AdmissionRequest {
  const { info } = target;
  return {
    operation: change.operation,
    info,
    object: change.object,
    old: change.old,
    options: write.options,
    context: write.context,
    attributes: {
      verb: change.verb,
      user: write.context.user,
      group: info.group,
      version: info.version,
      resource: info.resource,
      subresource: target.subresource ?? '',
      namespace: target.namespace ?? '',
      name: target.name,
    },
  };
}

export function admit(
  core: Core,
  stage: 'mutating' | 'validating',
  target: Target,
  write: WriteOptions,
  change: Change,
): Promise<void> {
  return core.hooks.admit(stage, admissionRequest(target, write, change));
}
