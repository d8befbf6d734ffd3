/** The strategies of the built-in kinds that have more to do than the common steps. */
import type { KindParts } from '../resource.ts';
import { containerKinds } from './workloads.ts';

/** By group and plural name. */
export const kindParts: { readonly [resource: string]: KindParts } = { ...containerKinds };
