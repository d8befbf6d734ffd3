/** One version of a stored object. The text is kept; the parsed form only while it is the current version. */

import type { ApiObject } from '../registry/types.ts';

export class Entry {
  /** `namespace/name`, or the name alone. */
  readonly key: string;
  readonly version: number;
  /** As stored, with `apiVersion` and `kind` of the storage version and the resourceVersion inside. */
  readonly json: string;
  #object: ApiObject | undefined;

  constructor(key: string, version: number, json: string, object?: ApiObject) {
    this.key = key;
    this.version = version;
    this.json = json;
    this.#object = object;
  }

  /** Shared: whoever wants to change it takes `copy()`. */
  get object(): ApiObject {
    this.#object ??= this.copy();
    return this.#object;
  }

  copy(): ApiObject {
    return JSON.parse(this.json) as ApiObject;
  }

  /** The same object under another version and with other content. */
  at(version: number, object: ApiObject): Entry {
    return new Entry(this.key, version, JSON.stringify(object), object);
  }

  /** Gives the parsed form free; it comes back from the text when asked for. */
  release(): void {
    this.#object = undefined;
  }
}

export interface StoreEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** `group/resource`. */
  resource: string;
  version: number;
  /** The new state; for DELETED the last state, with the version of the deletion. */
  entry: Entry;
  /** The state before, absent for ADDED. */
  previous: Entry | undefined;
}
