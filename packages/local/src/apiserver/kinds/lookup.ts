/** Reading what is stored without copies: for decisions that look at other objects. */
import type { ApiObject } from '../registry/types.ts';
import type { Core } from '../verbs/core.ts';
import { keyOf, prefixOf } from '../verbs/core.ts';

/** The objects given are shared and must not be changed. `table` is `group/resource`, e.g. `/pods`. */
export interface Lookup {
  get(table: string, namespace: string | undefined, name: string): ApiObject | undefined;
  list(table: string, namespace?: string): ApiObject[];
}

export function createLookup({ store }: Pick<Core, 'store'>): Lookup {
  return {
    get: (table, namespace, name) => store.get(table, keyOf(namespace, name))?.object,
    list: (table, namespace) => store.list(table, prefixOf(namespace)).map((entry) => entry.object),
  };
}
