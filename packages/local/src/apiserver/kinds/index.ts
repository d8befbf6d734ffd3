/** All kinds that the API server knows without a CustomResourceDefinition. */
import type { ResourceInfo } from '../registry/types.ts';
import { catalogue } from './catalogue.ts';
import { coreColumns } from './columns/core.ts';
import { otherColumns } from './columns/workloads.ts';
import { resourceInfo } from './resource.ts';
import { kindParts } from './strategies/index.ts';

/** The built-in resources, without CustomResourceDefinitions. */
export function builtinResources(): ResourceInfo[] {
  return catalogue.map((entry) => {
    const id = `${entry.group}/${entry.resource}`;
    const columns = entry.group === '' ? coreColumns[entry.resource] : otherColumns[id];
    return resourceInfo(entry, { ...(columns === undefined ? {} : { columns }), ...kindParts[id] });
  });
}
