/** The controllers of a cluster on an API server of this process. */
import type { ApiServer } from '../apiserver/server.ts';
import { startControllers } from '../controllers/manager.ts';
import { createCaches } from '../runtime/cache.ts';
import { createApi } from '../runtime/client-api.ts';
import { systemClock } from '../runtime/time.ts';

/** Controllers alone, as a control plane without nodes and without volumes of its own runs them. */
export function startControllerManager(server: ApiServer, log: (line: string) => void): { stop(): Promise<void> } {
  const api = createApi(server);
  const caches = createCaches(api);
  const running = startControllers({
    api,
    caches,
    clock: systemClock,
    log,
    caCertificate: server.authority.cert,
    universe: { api, registry: server.core.registry },
  });
  return {
    stop: async () => {
      caches.stop();
      await running.stop();
    },
  };
}
