/** Kinds that are answered and never stored. */
import { normalize } from '../../kinds/resource.ts';
import { typeSchema } from '../../kinds/schema/typeschema.ts';
import type { Hooks } from '../../registry/hooks.ts';
import type { ApiObject, JsonObject, RequestContext, ResourceInfo } from '../../registry/types.ts';

export interface ReviewKind {
  group: string;
  kind: string;
  resource: string;
  /** Name of its type in schema/types.json. */
  type: string;
  namespaced?: true;
  /** The status; may throw ApiError. `spec` may be changed. */
  answer(object: ApiObject, context: RequestContext, namespace: string | undefined): JsonObject;
}

/** `trackUpdate`: reviews carry managed fields like any object. */
export function reviewResource(review: ReviewKind, trackUpdate: Hooks['trackUpdate']): ResourceInfo {
  const { group, kind, resource, type } = review;
  const apiVersion = `${group}/v1`;
  return {
    group,
    version: 'v1',
    kind,
    listKind: `${kind}List`,
    resource,
    singular: kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: review.namespaced === true,
    verbs: ['create'],
    subresources: [],
    storageVersion: 'v1',
    generation: false,
    get schema() {
      return typeSchema(type);
    },
    strategy: {
      setDefaults: (object) => normalize(object, { kind, version: 'v1', type }),
    },
    columns: [],
    virtual(object, context, namespace) {
      const { status: _status, ...next } = structuredClone(object);
      const status = review.answer(object, context, namespace);
      const managedFields = trackUpdate({
        live: undefined,
        empty: { apiVersion, kind, metadata: {}, spec: {} },
        next: { ...next, apiVersion, kind, metadata: { ...next.metadata, creationTimestamp: null } },
        manager: context.fieldManager,
        apiVersion,
        schema: typeSchema(type),
        now: context.now(),
      });
      const metadata = {
        ...(namespace === undefined ? {} : { namespace }),
        creationTimestamp: null,
        ...(managedFields.length === 0 ? {} : { managedFields }),
      };
      const { spec } = object;
      return Promise.resolve({ kind, apiVersion, metadata, ...(spec === undefined ? {} : { spec }), status });
    },
  };
}
