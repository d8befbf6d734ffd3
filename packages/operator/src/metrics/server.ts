import { createServer } from 'node:http';
import type { Metrics } from './registry.ts';

/** Serves /metrics until the signal fires; resolves when it listens. */
export async function serveMetrics(
  metrics: Metrics,
  listen: { port: number; host?: string },
  signal: AbortSignal,
): Promise<void> {
  const server = createServer((request, response) => {
    const found = request.method === 'GET' && request.url?.split('?')[0] === '/metrics';
    response.writeHead(found ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(found ? metrics.text() : 'not found\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen.port, listen.host, resolve);
  });
  signal.addEventListener(
    'abort',
    () => {
      server.close();
      server.closeAllConnections();
    },
    { once: true },
  );
}
