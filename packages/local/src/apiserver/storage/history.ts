/** The last changes, for watches that start at a version and lists at a version. Bounded by number and by bytes. */

import type { StoreEvent } from './entry.ts';

export interface History {
  add(event: StoreEvent): void;
  /** Events of a resource after `version`, oldest first; undefined when some of them are gone. */
  since(resource: string, version: number): StoreEvent[] | undefined;
  /** The oldest version from which `since` can answer. */
  floor(): number;
  forget(version: number): void;
}

export interface HistoryLimits {
  events: number;
  bytes: number;
}

export function createHistory(start: number, limits: HistoryLimits): History {
  let events: StoreEvent[] = [];
  let bytes = 0;
  let first = 0;
  let floor = start;
  const size = (event: StoreEvent): number => event.entry.json.length;
  const dropOldest = (): void => {
    const oldest = events[first];
    if (oldest === undefined) return;
    floor = oldest.version;
    bytes -= size(oldest);
    first += 1;
    if (first > 1000 && first * 2 > events.length) {
      events = events.slice(first);
      first = 0;
    }
  };
  return {
    add(event) {
      events.push(event);
      bytes += size(event);
      while (events.length - first > limits.events || (bytes > limits.bytes && events.length - first > 1)) dropOldest();
    },
    since(resource, version) {
      if (version < floor) return undefined;
      const found: StoreEvent[] = [];
      for (let index = events.length - 1; index >= first; index -= 1) {
        const event = events[index];
        if (event === undefined || event.version <= version) break;
        if (event.resource === resource) found.push(event);
      }
      return found.reverse();
    },
    floor: () => floor,
    forget(version) {
      events = [];
      first = 0;
      bytes = 0;
      floor = version;
    },
  };
}
