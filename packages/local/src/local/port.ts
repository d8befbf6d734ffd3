/** The port of the API server: one that is asked for exactly, else that of last time, so that open tools find the cluster again. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { ApiServer } from '../apiserver/server.ts';
import { writeDurably } from '../node/container-process.ts';

/** The port that was asked for cannot be had. */
export class PortUnavailable extends Error {
  override readonly name = 'PortUnavailable';
}

function explain(error: unknown, host: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const remedy = 'or start with another one (0 takes any free port)';
  if (code === 'EADDRINUSE') {
    return new PortUnavailable(`port ${port} of ${host} is taken by another program: stop that program, ${remedy}`);
  }
  if (code === 'EACCES') {
    return new PortUnavailable(`port ${port} of ${host} is for the system only: start as root, ${remedy}`);
  }
  return error;
}

/** Tries a port, so that nothing is changed yet when it cannot be had. */
export function requireFreePort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => reject(explain(error, host, port)));
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

/** Listens on the port, for 0 on that of last time or any free one, and remembers it. */
export async function listen(server: ApiServer, stateDir: string, host: string, port: number): Promise<number> {
  const file = join(stateDir, 'port');
  const chosen = await tryInTurn(server, host, port === 0 ? [lastPort(file), 0] : [port]);
  writeDurably(file, String(chosen));
  return chosen;
}

async function tryInTurn(server: ApiServer, host: string, [port = 0, ...others]: readonly number[]): Promise<number> {
  try {
    return (await server.listen(host, port)).port;
  } catch (error) {
    if (others.length === 0) throw explain(error, host, port);
    return tryInTurn(server, host, others);
  }
}

function lastPort(file: string): number {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
  } catch {
    return 0;
  }
}
