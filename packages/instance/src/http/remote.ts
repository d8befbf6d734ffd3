import { printControlData, readControlData } from '@matriarch/postgres';
import type { Instance } from '../instance.ts';
import type { Probes } from '../probes/probes.ts';
import { type CollectInput, collectStatus, StatusError } from '../status/collect.ts';
import type { FeedItem, StatusFeed } from '../status/feed.ts';
import { forOperator } from './authentication.ts';
import { type Handler, json, type RouteRequest, text } from './router.ts';

export interface RemoteParts {
  readonly instance: Instance;
  readonly probes: Probes;
  readonly feed: StatusFeed;
  readonly collectInput: () => CollectInput;
  /** Routes of other parts that only the operator may use. */
  readonly operatorRoutes: Readonly<Record<string, Handler>>;
}

/** What port 8000 serves. */
export function remoteRoutes(parts: RemoteParts): Readonly<Record<string, Handler>> {
  const registered = () => parts.instance.cluster.current()?.status?.operatorCertificateFingerprint;
  const watch = forOperator(registered, (request) => streamStatus(parts.feed, request));
  const routes: Record<string, Handler> = {
    '/healthz': parts.probes.liveness,
    '/readyz': parts.probes.readiness,
    '/startupz': parts.probes.startup,
    '/failsafe': () => text(200, 'OK'),
    '/pg/status': async (request) => {
      if (request.query.get('watch') === 'true') return watch(request);
      try {
        return json(200, await collectStatus(parts.collectInput()));
      } catch (error) {
        if (error instanceof StatusError) return text(500, error.message);
        throw error;
      }
    },
    '/pg/controldata': forOperator(registered, async () => {
      const data = printControlData(await readControlData(parts.instance.options.layout.pgData));
      return json(200, { data });
    }),
  };
  for (const [path, handler] of Object.entries(parts.operatorRoutes)) routes[path] = forOperator(registered, handler);
  return routes;
}

/** One JSON line per change, until the operator goes away. A slow reader gets fewer lines, never old ones. */
async function streamStatus(feed: StatusFeed, request: RouteRequest): Promise<undefined> {
  const { response, signal } = request;
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  for await (const item of feed.follow(signal)) {
    if (response.write(`${JSON.stringify(lineOf(item))}\n`) || signal.aborted) continue;
    await new Promise<void>((resolve) => {
      response.once('drain', resolve);
      response.once('close', resolve);
    });
  }
  response.end();
  return undefined;
}

/** A status as `/pg/status` answers it, or `{"error": ...}` where that would answer 500. */
function lineOf(item: FeedItem): unknown {
  return 'status' in item ? item.status : { error: item.error };
}
