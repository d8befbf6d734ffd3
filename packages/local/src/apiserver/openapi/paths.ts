/** The paths of a resource in OpenAPI documents: what each method is, and the parameters that clients look for. */

import type { JsonObject, ResourceInfo } from '../registry/types.ts';

const METHODS: readonly { verb: string; method: string; action: string; collection: boolean }[] = [
  { verb: 'list', method: 'get', action: 'list', collection: true },
  { verb: 'create', method: 'post', action: 'post', collection: true },
  { verb: 'deletecollection', method: 'delete', action: 'deletecollection', collection: true },
  { verb: 'get', method: 'get', action: 'get', collection: false },
  { verb: 'update', method: 'put', action: 'put', collection: false },
  { verb: 'patch', method: 'patch', action: 'patch', collection: false },
  { verb: 'delete', method: 'delete', action: 'delete', collection: false },
];

const WRITES = new Set(['post', 'put', 'patch', 'delete']);

/** Clients ask here whether dry run and field validation may be used. */
function parameters(method: string): JsonObject[] {
  const names = WRITES.has(method) ? ['dryRun', 'fieldManager', 'fieldValidation'] : [];
  return names.map((name) => ({ name, in: 'query', schema: { type: 'string' } }));
}

export function resourcePaths(info: ResourceInfo): { [path: string]: JsonObject } {
  const root = info.group === '' ? `/api/${info.version}` : `/apis/${info.group}/${info.version}`;
  const folder = info.namespaced ? `${root}/namespaces/{namespace}/${info.resource}` : `${root}/${info.resource}`;
  const paths: { [path: string]: JsonObject } = {};
  for (const { verb, method, action, collection } of METHODS) {
    if (!info.verbs.includes(verb)) continue;
    const path = collection ? folder : `${folder}/{name}`;
    const entry = paths[path] ?? {};
    paths[path] = {
      ...entry,
      [method]: {
        'x-kubernetes-action': action,
        'x-kubernetes-group-version-kind': { group: info.group, kind: info.kind, version: info.version },
        parameters: parameters(method),
        responses: { 200: { description: 'OK' } },
      },
    };
  }
  return paths;
}
