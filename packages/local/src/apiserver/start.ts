/** The API server with all its parts plugged in, as `local` and the tests run it. */

import { serverSideApply, strictDecodingErrors, trackUpdate } from './fields/index.ts';
import { builtinResources, emptyObject } from './kinds/index.ts';
import { createAllocator } from './kinds/network/allocator.ts';
import { applyPatch } from './patch/index.ts';
import { bareHooks } from './registry/defaults.ts';
import { ApiError, invalid } from './registry/errors.ts';
import type { Hooks } from './registry/hooks.ts';
import type { UserInfo } from './registry/types.ts';
import { type ApiServer, createApiServer } from './server.ts';
import type { Core } from './verbs/core.ts';
import { withFinalize } from './verbs/finalize.ts';

export interface StartOptions {
  /** Folder for the database, certificates and keys; absent: everything in memory. */
  stateFolder?: string;
  /** Addresses of Services, e.g. `10.96.0.0/16`. */
  serviceCidr: string;
  /** Endpoints may name addresses of 127.0.0.0/8, where the pods of an embedded node live. */
  loopbackAllowed?: boolean;
  names?: readonly string[];
  now?: () => Date;
  log?: (message: string, details: { [key: string]: unknown }) => void;
}

/** The server's own identity, for what it makes itself. */
export const SERVER_USER: UserInfo = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };

export async function startApiServer(options: StartOptions): Promise<ApiServer> {
  const server = await createApiServer({
    ...options,
    resources: () =>
      builtinResources({ addressRules: { loopbackAllowed: options.loopbackAllowed ?? false } }).map(withFinalize),
    hooks: (core) => plugIn(core, options.serviceCidr),
  });
  await createSystemNamespaces(server);
  return server;
}

function plugIn(core: Core, serviceCidr: string): Hooks {
  const allocator = createAllocator({
    serviceCidr,
    services: () => core.store.list('/services', '').map((entry) => entry.object),
    random: (limit) => Math.floor(Math.random() * limit),
  });
  return {
    ...bareHooks,
    applyPatch,
    serverSideApply,
    trackUpdate,
    strictDecodingErrors,
    emptyObject,
    beforeStore({ info, object }) {
      if (info.group !== '' || info.resource !== 'services') return;
      const errors = allocator.allocate(object);
      if (errors.length > 0) throw invalid('', info.kind, object.metadata.name ?? '', errors);
    },
  };
}

const SYSTEM_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'default'];

async function createSystemNamespaces(server: ApiServer): Promise<void> {
  const client = server.client(SERVER_USER, 'kube-apiserver');
  for (const name of SYSTEM_NAMESPACES) {
    try {
      await client.create(
        { group: '', version: 'v1', resource: 'namespaces' },
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      );
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) throw error;
    }
  }
}
