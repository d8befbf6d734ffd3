import { type Cache, type Client, createCache, sleep } from '@matriarch/kubernetes';
import { kinds, type PodMonitor } from '../kinds.ts';
import type { Logger } from '../log.ts';

/** Optional kinds: they may be installed at any time. */
export interface Discovered {
  /** The cache of PodMonitors once that kind exists. */
  podMonitors(): Cache<PodMonitor> | undefined;
  onFound(handler: () => void): void;
}

const lookAgainMs = 30_000;

/** Looks for the optional kinds now and then until all have been found. */
export async function discover(client: Client, log: Logger, signal: AbortSignal): Promise<Discovered> {
  let found: Cache<PodMonitor> | undefined;
  const handlers: (() => void)[] = [];

  async function look(): Promise<boolean> {
    const { status, body } = await client.request('GET', '/apis/monitoring.coreos.com/v1', { signal });
    if (status !== 200 || !body.toString('utf8').includes('"podmonitors"')) return false;
    const cache = createCache(client, kinds.podMonitors, {
      labelSelector: 'cnpg.io/cluster',
      onError: (error) => log.warn({ error, resource: 'podmonitors' }, 'Watch interrupted'),
    });
    void cache.start(signal);
    await cache.synced();
    found = cache;
    for (const handler of handlers) handler();
    return true;
  }

  async function keepLooking(): Promise<void> {
    while (!signal.aborted) {
      await sleep(lookAgainMs, signal);
      try {
        if (await look()) return;
      } catch (error) {
        if (!signal.aborted) log.warn({ error }, 'Discovery failed');
      }
    }
  }

  if (!(await look().catch(() => false))) void keepLooking();
  return { podMonitors: () => found, onFound: (handler) => void handlers.push(handler) };
}
