/**
 * One listening address of a Service. Connections go to the endpoints in turn. One that is open stays with its endpoint
 * when that leaves the Service, as on any Kubernetes: a primary that gives up its role still has to send its last WAL to
 * the standbys that reached it here.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Route, Target } from './routes.ts';

export interface Listener {
  /** Resolves when it listens; rejects when the address cannot be had. */
  readonly ready: Promise<void>;
  /** New endpoints, for connections from now on. */
  update(targets: readonly Target[]): void;
  close(): void;
}

const CONNECT_TIMEOUT_MS = 5000;

export function startListener(route: Route): Listener {
  let targets = route.targets;
  let turn = 0;
  const open = new Set<Socket>();

  const pick = (): Target | undefined => {
    turn = (turn + 1) % Math.max(1, targets.length);
    return targets[turn];
  };
  const forward = (client: Socket, target: Target, others: number) => {
    open.add(client);
    const upstream = connect({ host: target.ip, port: target.port, noDelay: true });
    const timer = setTimeout(() => upstream.destroy(new Error('connect timed out')), CONNECT_TIMEOUT_MS);
    let connected = false;
    upstream.once('connect', () => {
      connected = true;
      clearTimeout(timer);
      if (client.destroyed) upstream.destroy();
      else client.pipe(upstream).pipe(client);
    });
    upstream.once('error', () => {
      clearTimeout(timer);
      // Nothing of the client was sent yet: another endpoint may take it.
      const next = !connected && others > 0 && !client.destroyed ? pick() : undefined;
      if (next) forward(client, next, others - 1);
      else client.destroy();
    });
    upstream.once('close', () => {
      if (connected) client.destroy();
    });
    client.once('close', () => upstream.destroy());
  };
  const server: Server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    client.on('error', () => client.destroy());
    client.once('close', () => open.delete(client));
    const target = pick();
    if (target) forward(client, target, targets.length - 1);
    else client.resetAndDestroy();
  });
  const ready = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: route.ip, port: route.port }, resolve);
  });
  return {
    ready,
    update: (next) => {
      targets = next;
    },
    close: () => {
      server.close();
      for (const client of open) client.resetAndDestroy();
    },
  };
}
