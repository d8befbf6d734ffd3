/** A cluster for tests of node, scheduler and controllers: in memory, without authentication. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiServer } from '../apiserver/server.ts';
import { startApiServer } from '../apiserver/start.ts';
import { type Image, type ImageCatalogue, ImagePullError } from '../node/image.ts';
import type { Api } from '../runtime/api.ts';
import { type Cache, type Caches, createCaches } from '../runtime/cache.ts';
import { createApi } from '../runtime/client-api.ts';
import type { Key, Resource, Stored } from '../runtime/resources.ts';

export interface TestServer {
  readonly server: ApiServer;
  readonly api: Api;
  readonly caches: Caches;
  readonly stateDir: string;
  close(): Promise<void>;
}

export async function startTestServer(): Promise<TestServer> {
  const stateDir = mkdtempSync(join(tmpdir(), 'matriarch-test-'));
  chmodSync(stateDir, 0o711);
  const server = await startApiServer({ serviceCidr: '127.96.0.0/16', loopbackAllowed: true });
  const api = createApi(server);
  const caches = createCaches(api);
  return {
    server,
    api,
    caches,
    stateDir,
    close: async () => {
      caches.stop();
      await server.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** Resolves with the object as soon as the condition holds; rejects with its last state after the time. */
export function until<T>(
  cache: Cache<T>,
  key: Key,
  condition: (object: Stored<T> | undefined) => boolean,
  milliseconds = 10_000,
): Promise<Stored<T> | undefined> {
  return new Promise((resolve, reject) => {
    let open = true;
    const timer = setTimeout(() => {
      open = false;
      const state = JSON.stringify(cache.get(key), null, 1);
      reject(new Error(`${cache.resource.kind} ${key.namespace}/${key.name} did not get there; it is ${state}`));
    }, milliseconds);
    cache.onChange((change) => {
      if (!open || change.key.name !== key.name || change.key.namespace !== key.namespace) return;
      if (!condition(change.object)) return;
      open = false;
      clearTimeout(timer);
      resolve(change.object);
    });
    if (open && condition(cache.get(key))) {
      open = false;
      clearTimeout(timer);
      resolve(cache.get(key));
    }
  });
}

/** Every image but `none` exists; it has the host's programs and nothing else. */
export const anyImage: ImageCatalogue = {
  pull: async (reference): Promise<Image> => {
    if (reference === 'none') throw new ImagePullError('no such image: none');
    return { reference, path: [], files: {}, env: {} };
  },
};

export async function createNamespace(api: Api, resource: Resource<object>, name: string): Promise<void> {
  await api.create(resource, '', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}
