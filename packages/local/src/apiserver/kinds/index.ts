/** All kinds that the API server knows without a CustomResourceDefinition. */
import type { ApiObject, JsonObject, ResourceInfo } from '../registry/types.ts';
import { catalogue } from './catalogue.ts';
import { coreColumns } from './columns/core.ts';
import { plainColumns } from './columns/format.ts';
import { otherColumns } from './columns/workloads.ts';
import { resourceInfo } from './resource.ts';
import { decodeStruct } from './schema/decode.ts';
import { type KindServices, kindParts } from './strategies/index.ts';

/** The built-in resources, without CustomResourceDefinitions. */
export function builtinResources(services: KindServices = {}): ResourceInfo[] {
  const parts = kindParts(services);
  return catalogue.map((entry) => {
    const id = `${entry.group}/${entry.resource}`;
    const columns = (entry.group === '' ? coreColumns[entry.resource] : otherColumns[id]) ?? plainColumns;
    return resourceInfo(entry, { columns, ...parts[id] });
  });
}

/** A built-in kind with nothing given: what is on the wire all the same. */
export function emptyObject(info: Pick<ResourceInfo, 'group' | 'version' | 'kind'>): ApiObject | undefined {
  const entry = catalogue.find(
    (one) => one.group === info.group && one.version === info.version && one.kind === info.kind,
  );
  if (entry === undefined) return undefined;
  const apiVersion = entry.group === '' ? entry.version : `${entry.group}/${entry.version}`;
  const object: JsonObject = { apiVersion, kind: entry.kind };
  decodeStruct(object, entry.type);
  return object as unknown as ApiObject;
}
