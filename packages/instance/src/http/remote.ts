import { join } from 'node:path';
import { printControlData, readControlData } from '@matriarch/postgres';
import { ballotRoutes } from '../authority/routes.ts';
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
    ...ballotRoutes({
      podName: parts.instance.options.podName,
      ballot: parts.instance.ballot,
      targetPrimary: () => parts.instance.cluster.current()?.status?.targetPrimary ?? '',
      clientAuthority: join(parts.instance.options.layout.certificates, 'client-ca.crt'),
    }),
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
 * Where `/pg/status` would answer 500 a line says why: that PostgreSQL does not serve is news, not a broken stream.
 */
async function streamStatus(feed: StatusFeed, { response, signal }: RouteRequest): Promise<Answer | undefined> {
  response.writeHead(200, streamHeaders);
  for await (const item of feed.follow(signal)) {
    const line = 'error' in item ? { isPrimary: false, unavailable: item.error } : item.status;
    if (response.write(`${JSON.stringify(line)}\n`) || signal.aborted) continue;
    await new Promise<void>((resolve) => {
      response.once('drain', resolve);
      response.once('close', resolve);
    });
  }
  response.end();
  return undefined;
}

const streamHeaders = { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' };
