import { printControlData, readControlData } from '@matriarch/postgres';
import type { Instance } from '../instance.ts';
import type { Probes } from '../probes/probes.ts';
import { type CollectInput, collectStatus, StatusError } from '../status/collect.ts';
import type { StatusFeed } from '../status/feed.ts';
import { createSizeReader } from '../status/size.ts';
import { forOperator } from './authentication.ts';
import { type Answer, type Handler, json, type RouteRequest, text } from './router.ts';

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
  const size = createSizeReader(parts.collectInput().database, () => performance.now());
  const watch = forOperator(registered, (request) => streamStatus(parts.feed, request));
  const routes: Record<string, Handler> = {
    '/healthz': parts.probes.liveness,
    '/readyz': parts.probes.readiness,
    '/startupz': parts.probes.startup,
    '/failsafe': () => text(200, 'OK'),
    '/pg/status': async (request) => {
      if (request.query.get('watch') === 'true') return watch(request);
      try {
        const [status, totalInstanceSize] = await Promise.all([collectStatus(parts.collectInput()), size()]);
        return json(200, totalInstanceSize === undefined ? status : { ...status, totalInstanceSize });
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

/**
 * One status per line, for every change, until the operator goes away. A slow reader gets fewer lines, never old ones.
 * Where `/pg/status` would answer 500 the stream answers that, or breaks off: no line ever means "not known".
 */
async function streamStatus(feed: StatusFeed, { response, signal }: RouteRequest): Promise<Answer | undefined> {
  for await (const item of feed.follow(signal)) {
    if ('error' in item) {
      if (!response.headersSent) return text(500, item.error);
      response.destroy();
      return undefined;
    }
    if (!response.headersSent) response.writeHead(200, streamHeaders);
    if (response.write(`${JSON.stringify(item.status)}\n`) || signal.aborted) continue;
    await new Promise<void>((resolve) => {
      response.once('drain', resolve);
      response.once('close', resolve);
    });
  }
  response.end();
  return undefined;
}

const streamHeaders = { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' };
