/**
 * Watches. Events come from memory in the order of their versions. An object that comes into a selector is ADDED, one
 * that leaves it is DELETED. A consumer gets every event after its version or, once, that the version is gone.
 */

import { expired } from '../registry/errors.ts';
import type { ResourceInfo } from '../registry/types.ts';
import type { Entry, StoreEvent } from '../storage/entry.ts';
import { type Core, prefixOf, tableOf } from './core.ts';
import { type ListOptions, selects } from './list.ts';

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  entry: Entry;
}

export interface WatchHandler {
  event(event: WatchEvent): void;
  /** Called in place of events when the version asked for is no longer in history; the watch is over then. */
  gone(error: Error): void;
}

export interface WatchOptions extends Pick<ListOptions, 'labels' | 'fields'> {
  /** Empty or 0: begin with what there is. */
  resourceVersion: string;
}

/** Calls `handler` at once with what is there already, then as things happen. Returns what ends the watch. */
export function watchObjects(
  core: Core,
  info: ResourceInfo,
  namespace: string | undefined,
  options: WatchOptions,
  handler: WatchHandler,
): () => void {
  const table = tableOf(info);
  const prefix = prefixOf(namespace);
  const from = Number(options.resourceVersion === '' ? 0 : options.resourceVersion);
  const deliver = (stored: StoreEvent): void => {
    if (stored.version <= from || !stored.entry.key.startsWith(prefix)) return;
    const event = filtered(info, options, stored);
    if (event !== undefined) handler.event(event);
  };
  if (from === 0) {
    for (const entry of core.store.list(table, prefix)) {
      if (selects(info, options, entry)) handler.event({ type: 'ADDED', entry });
    }
    return core.store.subscribe(table, deliver);
  }
  const known = from >= core.availableSince(info);
  const past = from >= core.store.version() ? [] : known ? core.store.since(table, from) : undefined;
  if (past === undefined) {
    handler.gone(expired(`too old resource version: ${from} (${core.store.version()})`));
    return () => {};
  }
  for (const event of past) deliver(event);
  return core.store.subscribe(table, deliver);
}

/** The event as a consumer with these selectors sees it; undefined: not at all. */
function filtered(info: ResourceInfo, options: WatchOptions, stored: StoreEvent): WatchEvent | undefined {
  const { entry, previous } = stored;
  const before = previous !== undefined && selects(info, options, previous);
  if (stored.type === 'DELETED') return before ? { type: 'DELETED', entry } : undefined;
  const after = selects(info, options, entry);
  if (after) return { type: before ? 'MODIFIED' : 'ADDED', entry };
  return before && previous !== undefined ? { type: 'DELETED', entry: left(previous, stored.version) } : undefined;
}

/** The last state that was selected, with the version of the write that took it out. */
function left(previous: Entry, version: number): Entry {
  const object = previous.copy();
  object.metadata.resourceVersion = String(version);
  return previous.at(version, object);
}
