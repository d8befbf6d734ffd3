/** Kinds that make pods from a template. */
import type { ApiObject, JsonObject } from '../../registry/types.ts';
import { record } from '../columns/format.ts';
import type { KindParts } from '../resource.ts';
import { defaultPodSpec, fill } from './pod-defaults.ts';

function spec(object: ApiObject): JsonObject {
  return record(object.spec);
}

function defaultTemplate(holder: JsonObject): void {
  defaultPodSpec(record(record(holder.template).spec));
}

export const containerKinds: { readonly [resource: string]: KindParts } = {
  'apps/deployments': {
    strategy: {
      setDefaults(object) {
        fill(spec(object), 'replicas', 1);
        defaultTemplate(spec(object));
      },
    },
  },
};
