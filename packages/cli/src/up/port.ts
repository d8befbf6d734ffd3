import { createServer } from 'node:net';

/** Whether nobody listens on a port of a loopback address. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** The port itself, or the next one that is free. */
export async function freePort(wanted: number, host?: string): Promise<number> {
  for (let port = wanted; port < wanted + 100; port += 1) if (await isFree(port, host)) return port;
  throw new Error(`ports ${wanted} to ${wanted + 99} are all taken; name another one with --port`);
}
