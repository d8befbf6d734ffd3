import { type LocalParts, localRoutes } from '../http/local.ts';
import { type RemoteParts, remoteRoutes } from '../http/remote.ts';
import { type Handler, router } from '../http/router.ts';
import { listen, type RunningServer } from '../http/server.ts';
import type { Instance } from '../instance.ts';

export const statusPort = 8000;
export const localPort = 8010;
export const metricsPort = 9187;

const remoteHeadersMs = 3000;

/** The operator sends a whole instance manager, by a narrow line perhaps. */
const remoteRequestMs = 600_000;
const localHeadersMs = 20_000;

export interface Servers {
  /** Those that show the server certificate. */
  readonly tls: RunningServer[];
  close(): Promise<void>;
}

/** Opens the three ports of the manager. */
export async function startServers(
  instance: Instance,
  remote: RemoteParts,
  local: LocalParts,
  metrics: Handler,
): Promise<Servers> {
  const { bindAddress, statusTls, metricsTls } = instance.options;
  const logger = instance.loggers.named('http');
  const [status, metric, inner] = await Promise.all([
    listen(
      {
        port: statusPort,
        host: bindAddress,
        tls: statusTls,
        headersTimeoutMs: remoteHeadersMs,
        requestTimeoutMs: remoteRequestMs,
      },
      router(remoteRoutes(remote), logger),
    ),
    listen(
      { port: metricsPort, host: bindAddress, tls: metricsTls, headersTimeoutMs: remoteHeadersMs },
      router({ '/metrics': metrics }, logger),
    ),
    listen(
      { port: localPort, host: bindAddress ?? 'localhost', tls: false, headersTimeoutMs: localHeadersMs },
      router(localRoutes(local), logger),
    ),
  ]);
  const all = [status, metric, inner];
  return {
    tls: [...(statusTls ? [status] : []), ...(metricsTls ? [metric] : [])],
    close: async () => void (await Promise.all(all.map((server) => server.close()))),
  };
}
