import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresqlStatus } from './types.ts';

/** One line of the stream: a status, or why there is none. */
export type FeedItem = { readonly status: PostgresqlStatus } | { readonly error: string };

export interface FeedSource {
  /** The whole status. */
  collect(): Promise<FeedItem>;
  /** Only what moves, over the last whole one. */
  refresh(last: PostgresqlStatus): Promise<FeedItem>;
  /** Whether a switchover or failover is under way, when the moment counts. */
  inTransition(): boolean;
}

export interface StatusFeed {
  /** Yields the present state, then every change, and at least one item a second, until the signal is aborted. */
  follow(signal: AbortSignal): AsyncGenerator<FeedItem>;
  /** Something happened: look now. */
  notify(): void;
}

const heartbeatMs = 1000;
const calmPollMs = 200;
const transitionPollMs = 25;

/**
 * Looks at the server only while somebody follows. What happens to the postmaster, and what PostgreSQL logs, comes as
 * `notify`; positions and the WAL receiver are looked at between, more often during a transition.
 */
export function createFeed(source: FeedSource): StatusFeed {
  let version = 0;
  let wake = Promise.withResolvers<void>();

  return {
    notify() {
      version += 1;
      wake.resolve();
      wake = Promise.withResolvers<void>();
    },
    async *follow(signal) {
      let last: FeedItem | undefined;
      let text = '';
      let wholeAt = 0;
      let sentAt = 0;
      let seen = -1;
      while (!signal.aborted) {
        const now = performance.now();
        const stale = last === undefined || 'error' in last || now - wholeAt >= heartbeatMs || seen !== version;
        seen = version;
        if (stale) wholeAt = now;
        const item =
          stale || last === undefined || 'error' in last ? await source.collect() : await source.refresh(last.status);
        const next = JSON.stringify(item);
        if (next !== text || now - sentAt >= heartbeatMs) {
          text = next;
          sentAt = now;
          yield item;
        }
        last = item;
        if (seen === version) await pause(source.inTransition() ? transitionPollMs : calmPollMs, wake.promise, signal);
      }
    },
  };
}

async function pause(milliseconds: number, woken: Promise<void>, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  const stop = AbortSignal.any([done.signal, signal]);
  try {
    await Promise.race([sleep(milliseconds, undefined, { signal: stop }).catch(() => undefined), woken]);
  } finally {
    done.abort();
  }
}
