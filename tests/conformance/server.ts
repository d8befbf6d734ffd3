/** The server under test, fresh for each group. */

import { createServer } from 'node:net';
import { type ApiServer, startApiServer, startControllerManager } from '@matriarch/local';

export interface TestServer {
  url: string;
  ca: string;
  admin: { cert: string; key: string };
  /** Signs for the player's webhook server. */
  certificate(name: string): Promise<{ cert: string; key: string }>;
  compact(): void;
  close(): Promise<void>;
}

export async function startTestServer(needs: readonly string[]): Promise<TestServer> {
  const server: ApiServer = await startApiServer({ serviceCidr: '10.96.0.0/16' });
  const { port } = await server.listen('127.0.0.1', 0);
  const controllers = needs.includes('controllers') ? startControllerManager(server, () => {}) : undefined;
  return {
    url: `https://127.0.0.1:${port}`,
    ca: server.authority.cert,
    admin: await server.authority.client('admin', ['system:masters']),
    certificate: (name) => server.authority.server(name, [name]),
    compact: () => server.core.store.compact(),
    async close() {
      await controllers?.stop();
      await server.close();
    },
  };
}

/** An address on which nobody listens. */
export function deadAddress(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(`127.0.0.1:${port}`));
    });
  });
}
