/** The API server: a store, the resources, and an https server in front of them. */

import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type ApiClient, createApiClient } from './client.ts';
import { createHandler } from './http/handler.ts';
import type { Hooks, StreamingBackend } from './registry/hooks.ts';
import { createRegistry, type Registry } from './registry/registry.ts';
import type { ResourceInfo, UserInfo } from './registry/types.ts';
import { memoryBackend, sqliteBackend } from './storage/backend.ts';
import { createStore, type Store } from './storage/store.ts';
import { type Authority, type KeyPair, openAuthority } from './tls/authority.ts';
import type { Core } from './verbs/core.ts';

export interface ApiServerOptions {
  /** Folder for the database and the certificates; absent: everything in memory. */
  stateFolder?: string;
  /** Further names and addresses for the server's certificate. */
  names?: readonly string[];
  /** Kinds to begin with. */
  resources(core: Core): readonly ResourceInfo[];
  /** Given the core, so that authorization and admission can look into the store. */
  hooks(core: Core, authority: Authority): Hooks;
  now?: () => Date;
  log?: (message: string, details: { [key: string]: unknown }) => void;
}

export interface ApiServer {
  core: Core;
  authority: Authority;
  /** In-process access as a user, by the same way as HTTP, without authorization. */
  client(user: UserInfo, fieldManager: string): ApiClient;
  /** Port 0: any free one. */
  listen(host: string, port: number): Promise<AddressInfo>;
  /** Ends all watches and closes the database. */
  close(): Promise<void>;
  setStreaming(backend: StreamingBackend): void;
}

const NAMES = ['localhost', '127.0.0.1', '::1', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];

export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const folder = options.stateFolder;
  if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const authority = await openAuthority(folder);
  const names = [...NAMES, 'kubernetes.default.svc.cluster.local', ...(options.names ?? [])];
  const certificate = await authority.server('kube-apiserver', [...new Set(names)]);
  const store = createStore(folder === undefined ? memoryBackend() : sqliteBackend(join(folder, 'objects.db')));
  const registry = createRegistry();
  const unplugged = {} as Hooks;
  const availableSince = trackCustomResources(registry, store);
  const core: Core = { store, registry, hooks: unplugged, now: options.now ?? (() => new Date()), availableSince };
  core.hooks = options.hooks(core, authority);
  for (const info of options.resources(core)) registry.add(info);
  return assemble(options, core, authority, certificate);
}

/** When each custom resource came: watches of it cannot start before. */
function trackCustomResources(registry: Registry, store: Store): Core['availableSince'] {
  const since = new WeakMap<ResourceInfo, number>();
  registry.onChange(() => {
    for (const info of registry.all()) {
      if (info.custom === true && !since.has(info)) since.set(info, store.version());
    }
  });
  return (info) => since.get(info) ?? 0;
}

function assemble(options: ApiServerOptions, core: Core, authority: Authority, certificate: KeyPair): ApiServer {
  const closing = new AbortController();
  let streaming: StreamingBackend | undefined;
  const handler = createHandler({
    core,
    streaming: () => streaming,
    log: options.log ?? (() => {}),
    closing: closing.signal,
  });
  const server = createServer(
    { ...certificate, ca: authority.cert, requestCert: true, rejectUnauthorized: false, keepAlive: true },
    (req, res) => void handler.request(req, res),
  );
  server.requestTimeout = 0;
  server.keepAliveTimeout = 90_000;
  server.on('upgrade', (req, socket, head: Buffer) => void handler.upgrade(req, socket, head));
  server.on('tlsClientError', () => {});
  return {
    core,
    authority,
    client: (user, fieldManager) => createApiClient(core, user, fieldManager),
    setStreaming(backend) {
      streaming = backend;
    },
    listen: (host, port) => listen(server, host, port),
    async close() {
      closing.abort();
      if (server.listening) {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
      }
      core.store.close();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}
